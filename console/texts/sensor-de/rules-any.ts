import type { Phrases } from '../phrases.js';

/** What the rules for all protocols say (rules/any), and those for services that are gone and ways outside. */
export const anyRules: Phrases = {
  'Commands of a known station are refused': 'Befehle einer bekannten Station werden abgelehnt',
  'A station that wrote to this device during learning is refused ten times within five minutes. Operators may have lost control of the device: it was locked, put into another mode, or is overloaded.':
    'Eine Station, die beim Lernen auf dieses Gerät geschrieben hat, wird innerhalb von fünf Minuten zehnmal abgelehnt. Vielleicht kann das Personal das Gerät nicht mehr bedienen: Es wurde gesperrt, in eine andere Betriebsart gebracht oder ist überlastet.',
  'Ask the operators whether they can still operate the device. Look at the alerts just before this one for what may have locked it or changed its mode.':
    'Fragen Sie das Bedienpersonal, ob sich das Gerät noch bedienen lässt. Sehen Sie in den Alarmen kurz davor nach, was es gesperrt oder seine Betriebsart geändert haben kann.',
  'A device that was switched to local operation on purpose.':
    'Ein Gerät, das absichtlich auf Vor-Ort-Bedienung geschaltet wurde.',
  'Commands refused after a device was stopped or silenced':
    'Befehle abgelehnt, nachdem ein Gerät gestoppt oder zum Schweigen gebracht wurde',
  'The device was stopped, reset or taken out of communication, and within half an hour refuses a station that wrote to it during learning. Operators cannot control what it drives any more.':
    'Das Gerät wurde gestoppt, zurückgesetzt oder aus der Kommunikation genommen und lehnt binnen einer halben Stunde eine Station ab, die beim Lernen darauf geschrieben hat. Was es antreibt, lässt sich nicht mehr steuern.',
  'Operate the plant by its local controls. Find out who stopped the device, disconnect that station, and start the device again only with a program that is known to be good.':
    'Bedienen Sie die Anlage vor Ort. Klären Sie, wer das Gerät gestoppt hat, trennen Sie diese Station vom Netz, und starten Sie das Gerät nur mit einem bekannt guten Programm wieder.',
  'Damaged messages from a public address': 'Beschädigte Nachrichten von einer öffentlichen Adresse',
  'Somebody outside sends messages that break the rules of the protocol to a device of the plant. This is how flaws of devices that can be reached from the internet are tried out.':
    'Jemand von außen sendet einem Gerät der Anlage Nachrichten, die gegen die Regeln des Protokolls verstoßen. So werden Schwachstellen von Geräten ausprobiert, die aus dem Internet erreichbar sind.',
  'Close the way from the internet to this device. Check whether it still runs as it should, and whether its firmware is up to date.':
    'Schließen Sie den Weg aus dem Internet zu diesem Gerät. Prüfen Sie, ob es noch läuft, wie es soll, und ob seine Firmware aktuell ist.',
  'A faulty program at a supplier who may connect; plants that use public addresses inside.':
    'Ein fehlerhaftes Programm bei einem Lieferanten, der sich verbinden darf; Anlagen, die innen öffentliche Adressen benutzen.',
  'Alarm limits written over OPC UA': 'Alarmgrenzen über OPC UA geschrieben',
  'A station that did not do this during learning wrote to the limits of an alarm, or switched an alarm on or off. With shifted limits, nobody is warned when the process leaves its bounds.':
    'Eine Station, die das beim Lernen nicht tat, hat die Grenzen eines Alarms geschrieben oder einen Alarm ein- oder ausgeschaltet. Sind die Grenzen verschoben, wird niemand gewarnt, wenn der Prozess seinen Bereich verlässt.',
  'Compare the limits of this alarm with the alarm list of the plant, and find out who worked at this station.':
    'Vergleichen Sie die Grenzen dieses Alarms mit der Alarmliste der Anlage, und klären Sie, wer an dieser Station gearbeitet hat.',
  'Tuning of alarms by process engineers.': 'Einstellen von Alarmen durch Verfahrenstechniker.',
  'A service refuses connections that it took before': 'Ein Dienst lehnt Verbindungen ab, die er bisher annahm',
  'A device refused ten connections within five minutes to a station that used this service during learning: the service was stopped, or the device restarts.':
    'Ein Gerät hat einer Station, die diesen Dienst beim Lernen benutzt hat, innerhalb von fünf Minuten zehn Verbindungen abgelehnt: Der Dienst wurde gestoppt, oder das Gerät startet neu.',
  'Look whether the device and this service run. If somebody stopped the service, find out who, and look at the alerts of this device before.':
    'Sehen Sie nach, ob das Gerät und dieser Dienst laufen. Hat jemand den Dienst gestoppt, klären Sie, wer, und sehen Sie sich die Alarme dieses Geräts davor an.',
  'A restart, or maintenance of the device.': 'Ein Neustart oder eine Wartung des Geräts.',
  'Safety controller refuses connections that it took before':
    'Sicherheitssteuerung lehnt Verbindungen ab, die sie bisher annahm',
  'A safety controller refused five connections within five minutes to a station that used this service during learning. It may not protect the plant any more, or somebody changes its program.':
    'Eine Sicherheitssteuerung hat einer Station, die diesen Dienst beim Lernen benutzt hat, innerhalb von fünf Minuten fünf Verbindungen abgelehnt. Vielleicht schützt sie die Anlage nicht mehr, oder jemand ändert ihr Programm.',
  'Go to the safety controller: look at its mode, its key switch and its diagnostics. If it does not run as it should, bring the plant into a safe state.':
    'Gehen Sie zur Sicherheitssteuerung: Sehen Sie nach Betriebsart, Schlüsselschalter und Diagnose. Läuft sie nicht, wie sie soll, bringen Sie die Anlage in einen sicheren Zustand.',
  'Proof tests and maintenance of the safety system.': 'Prüfungen und Wartung des Sicherheitssystems.',
  'Operator or engineering station opens web pages outside':
    'Bedien- oder Engineering-Station öffnet Webseiten draußen',
  'A station from which the plant is operated or programmed opened a web page at a public address that was not learned. Prepared pages and downloads are a common way in.':
    'Eine Station, von der aus die Anlage bedient oder programmiert wird, hat eine Webseite an einer öffentlichen Adresse geöffnet, die nicht gelernt wurde. Präparierte Seiten und Downloads sind ein verbreiteter Weg hinein.',
  'Ask who used the station. Such stations need no way to web pages; close it at the firewall, and let updates come from a server inside.':
    'Fragen Sie, wer die Station benutzt hat. Solche Stationen brauchen keinen Weg zu Webseiten; schließen Sie ihn an der Firewall, und lassen Sie Updates von einem Server im Haus kommen.',
  'Updates of the system or of virus scanners.': 'Updates des Systems oder von Virenscannern.',
};
