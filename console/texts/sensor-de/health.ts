import type { Phrases } from '../phrases.js';

/** What the sensor says of itself: outages, learning, how devices got their roles. */
export const health: Phrases = {
  'Learning has ended for a part of the network': 'Das Lernen ist für einen Teil des Netzes zu Ende',
  'Hardly anything was new for three days: {0}. What is new there raises alerts from now on.':
    'Drei Tage lang war kaum etwas neu: {0}. Was dort neu ist, löst ab jetzt Alarme aus.',
  'Look through what was learned and through its proposals (fieldwatch baseline export). To go on learning instead, set baseline.auto_protect to false.':
    'Sehen Sie durch, was gelernt wurde und was vorgeschlagen ist (fieldwatch baseline export). Soll weiter gelernt werden, setzen Sie baseline.auto_protect auf false.',
  'While this lasts, the sensor may miss what happens. Restore the connection to the mirror port first.':
    'Solange das dauert, entgeht dem Sensor womöglich, was geschieht. Stellen Sie zuerst die Verbindung zum Spiegelport wieder her.',
  'Flood of new addresses': 'Flut neuer Adressen',
  'More new addresses communicate than the sensor keeps, or tells of one by one. Somebody may be sending packets with invented addresses. Devices that were learned, approved or named stay; of the others, those that were quiet longest are forgotten, so that what is new is still seen.':
    'Es sprechen mehr neue Adressen, als der Sensor aufhebt oder einzeln meldet. Vielleicht sendet jemand Pakete mit erfundenen Adressen. Gelernte, freigegebene und benannte Geräte bleiben; von den anderen werden die am längsten stillen vergessen, damit Neues weiter gesehen wird.',
  'Look for the switch port from which the many addresses come.':
    'Suchen Sie den Switch-Port, von dem die vielen Adressen kommen.',
  'Monitored interface is gone': 'Überwachte Schnittstelle ist verschwunden',
  "The interface {0} was removed or renamed: nothing of its traffic is seen until it is back. Check the network adapter and the host's network settings.":
    'Die Schnittstelle {0} wurde entfernt oder umbenannt: Bis sie wieder da ist, ist von ihrem Verkehr nichts zu sehen. Prüfen Sie Netzkarte und Netzeinstellungen des Rechners.',
  'Link of a monitored interface is down': 'Überwachte Schnittstelle hat keine Verbindung',
  'The interface {0} has no link: nothing of its traffic is seen. Check the cable, the switch and whether its mirror port is still configured.':
    'Die Schnittstelle {0} hat keine Verbindung: Von ihrem Verkehr ist nichts zu sehen. Prüfen Sie Kabel und Switch, und ob dessen Spiegelport noch eingerichtet ist.',
  'The link of {0} was lost for less than a second and came back: packets of that moment were not seen. Check the cable and the switch.':
    'Die Verbindung von {0} war für weniger als eine Sekunde weg: Pakete dieses Augenblicks waren nicht zu sehen. Prüfen Sie Kabel und Switch.',
  'Capture was interrupted': 'Das Mitschneiden wurde unterbrochen',
  "The capture process of {0} ended ({1}) and is started again; packets until then are not seen. If this repeats, look at memory, load and the system's journal.":
    'Der mitschneidende Prozess von {0} endete ({1}) und wird neu gestartet; Pakete bis dahin sind nicht zu sehen. Wiederholt sich das, sehen Sie nach Speicher, Last und Systemprotokoll.',
  'Capture keeps failing': 'Das Mitschneiden schlägt immer wieder fehl',
  'The capture process of {0} failed {1} times within a minute ({2}); it is now started again more slowly, so the sensor is blind on this interface most of the time. Run "fieldwatch doctor".':
    'Der mitschneidende Prozess von {0} ist innerhalb einer Minute {1}-mal fehlgeschlagen ({2}); er wird jetzt langsamer neu gestartet, der Sensor ist auf dieser Schnittstelle also meist blind. Rufen Sie „fieldwatch doctor“ auf.',
  'No traffic on a monitored interface': 'Kein Verkehr auf einer überwachten Schnittstelle',
  "The link of {0} is up, but no packet arrived for {1} seconds. Check that the switch still mirrors the plant's traffic to this port and that the capture filter is right.":
    'Die Verbindung von {0} steht, aber seit {1} Sekunden kam kein Paket an. Prüfen Sie, ob der Switch den Verkehr der Anlage noch auf diesen Port spiegelt und ob der Mitschnittfilter stimmt.',
  "The link of {0} is up, but no packet arrived for {1} seconds. Check that the switch still mirrors the plant's traffic to this port.":
    'Die Verbindung von {0} steht, aber seit {1} Sekunden kam kein Paket an. Prüfen Sie, ob der Switch den Verkehr der Anlage noch auf diesen Port spiegelt.',
  'Packets are lost before the sensor sees them': 'Pakete gehen verloren, bevor der Sensor sie sieht',
  '{0} lost {1} % of its packets in the last {2} seconds ({3} packets), so operations may have been missed. Use a capture filter, capture.latency "bulk", a larger capture.buffer_megabytes or a faster machine.':
    '{0} hat in den letzten {2} Sekunden {1} % seiner Pakete verloren ({3} Pakete); Vorgänge können also entgangen sein. Nehmen Sie einen Mitschnittfilter, capture.latency „bulk“, ein größeres capture.buffer_megabytes oder einen schnelleren Rechner.',
  'Changed rules do not load': 'Geänderte Regeln lassen sich nicht laden',
  'The part that stores findings was restarted': 'Der speichernde Teil wurde neu gestartet',
  'The thread that writes the store ended ({0}) and was started again. What was found meanwhile was kept and is stored now. If this repeats, look at disk and memory.':
    'Der Thread, der die Befunde speichert, endete ({0}) und wurde neu gestartet. Was inzwischen gefunden wurde, blieb erhalten und wird jetzt gespeichert. Wiederholt sich das, sehen Sie nach Platte und Speicher.',
  'The analysing part of the sensor was restarted': 'Der auswertende Teil des Sensors wurde neu gestartet',
  "The thread that captures and analyses ended ({0}) and was started again; packets in between were not seen. If this repeats, report it with the sensor's log.":
    'Der Thread, der mitschneidet und auswertet, endete ({0}) und wurde neu gestartet; Pakete dazwischen waren nicht zu sehen. Wiederholt sich das, melden Sie es mit dem Protokoll des Sensors.',
  'Findings cannot be stored': 'Befunde lassen sich nicht speichern',
  "Writing to the store failed ({0}). The sensor goes on watching and keeps what it finds in memory until the store works again. Check the disk's space and the rights of the data folder.":
    'Das Speichern ist fehlgeschlagen ({0}). Der Sensor überwacht weiter und behält, was er findet, im Arbeitsspeicher, bis es wieder geht. Prüfen Sie den Platz auf der Platte und die Rechte des Datenordners.',

  // Why nothing was seen
  'the interface is gone': 'die Schnittstelle ist verschwunden',
  'the link is down': 'keine Verbindung zum Netz',
  'the link was down for a moment': 'einen Augenblick lang keine Verbindung zum Netz',
  'the capture process ended ({0})': 'der mitschneidende Prozess endete ({0})',
  'no packets arrived although the link is up': 'keine Pakete, obwohl die Verbindung steht',
  'the analysing thread ended ({0})': 'der auswertende Thread endete ({0})',

  // Notes on how a source captures
  'The interface "any" cannot be set to promiscuous mode.':
    'Die Schnittstelle „any“ kann nicht alles mithören (Promiscuous Mode).',
  'Bulk capture: packets arrive in blocks, so alerts may come a few seconds later.':
    'Mitschnitt in Blöcken: Alarme kommen womöglich einige Sekunden später.',
  'Captured with the cap package: packets that the kernel had to drop are not counted.':
    'Mitgeschnitten mit dem Paket cap: Was der Kern verwerfen musste, wird nicht gezählt.',
  'Captured with the cap package: packets get their time when the sensor reads them, not when they arrive, and snap length and promiscuous mode cannot be chosen.':
    'Mitgeschnitten mit dem Paket cap: Pakete bekommen ihre Zeit, wenn der Sensor sie liest, nicht wenn sie ankommen; Snap Length und Promiscuous Mode sind nicht wählbar.',
  'Last failure: {0}.': 'Letzter Fehler: {0}.',
  'The capture was restarted {0}.': 'Das Mitschneiden wurde {0} neu gestartet.',
  once: 'einmal',
  '{0} times': '{0}-mal',
  '{0} packets were longer than the snap length and were cut: use a larger capture.snaplen.':
    '{0} Pakete waren länger als die Snap Length und wurden abgeschnitten: Stellen Sie capture.snaplen größer.',
  '{0} of the dropped packets had arrived but were not read before the capture ended.':
    '{0} der verlorenen Pakete waren angekommen, wurden aber nicht mehr gelesen, bevor das Mitschneiden endete.',
  '{0} older blind intervals are no longer listed.': '{0} ältere blinde Zeiträume stehen nicht mehr in der Liste.',
  'Damaged at byte {0}: {1}.': 'Beschädigt bei Byte {0}: {1}.',

  // Learning
  '{0} seen; {1} devices, conversations and operations known, {2} of them new in the last hour, {3} in the last day: hardly anything is new any more, so learning can end (fieldwatch baseline approve).':
    '{0} gesehen; {1} Geräte, Verbindungen und Vorgänge bekannt, davon {2} neu in der letzten Stunde, {3} am letzten Tag: Es kommt kaum noch etwas Neues, das Lernen kann enden (fieldwatch baseline approve).',
  '{0} seen; {1} devices, conversations and operations known, {2} of them new in the last hour, {3} in the last day. Learn for at least a week with its week-end before you end it.':
    '{0} gesehen; {1} Geräte, Verbindungen und Vorgänge bekannt, davon {2} neu in der letzten Stunde, {3} am letzten Tag. Lernen Sie mindestens eine Woche mit ihrem Wochenende, bevor Sie es beenden.',
  '{0} seen; {1} devices, conversations and operations known, {2} of them new in the last hour, {3} in the last day. Too much is still new to end it.':
    '{0} gesehen; {1} Geräte, Verbindungen und Vorgänge bekannt, davon {2} neu in der letzten Stunde, {3} am letzten Tag. Es ist noch zu viel neu, um es zu beenden.',
  '{0} seen; {1} devices, conversations and operations known, {2} of them new in the last hour, {3} in the last day.':
    '{0} gesehen; {1} Geräte, Verbindungen und Vorgänge bekannt, davon {2} neu in der letzten Stunde, {3} am letzten Tag.',
  '{0} hours': '{0} Stunden',
  '{0} days': '{0} Tage',

  // Why a device has its role
  'It says so of itself ({0}).': 'Es sagt das von sich selbst ({0}).',
  'Its identity reads "{0}".': 'In seiner Kennung steht „{0}“.',
  'It runs {0}.': 'Auf ihm läuft {0}.',
  'It answers {0} requests.': 'Es beantwortet Anfragen in {0}.',
  'It offers {0}.': 'Es bietet {0} an.',
  '{0} devices answer behind its address.': 'Hinter seiner Adresse antworten {0} Geräte.',
  'Packets of {0} and more other addresses come under its MAC address.':
    'Unter seiner MAC-Adresse kommen Pakete von {0} und mehr anderen Adressen.',
  'As a client it does: {0}.': 'Als Client tut es: {0}.',
  'The settings say so of station {0}.': 'Die Einstellungen sagen das von der Station {0}.',
  'The settings say so of zone {0}.': 'Die Einstellungen sagen das von der Zone {0}.',
  'Devices of the role {0} work there.': 'Geräte der Rolle {0} arbeiten dort.',
  'It has no IP address; it works at level {0} of the Purdue model.':
    'Es hat keine IP-Adresse; es arbeitet auf Ebene {0} des Purdue-Modells.',
  'It has no IP address; at which level of the Purdue model it works is not known.':
    'Es hat keine IP-Adresse; auf welcher Ebene des Purdue-Modells es arbeitet, ist nicht bekannt.',
  'Its address is public, and it was never seen in this network itself.':
    'Seine Adresse ist öffentlich, und in diesem Netz selbst wurde es nie gesehen.',
  'Its address lies in the network {0}; it works at level {1} of the Purdue model.':
    'Seine Adresse liegt im Netz {0}; es arbeitet auf Ebene {1} des Purdue-Modells.',
  'Its address lies in the network {0}; at which level of the Purdue model it works is not known.':
    'Seine Adresse liegt im Netz {0}; auf welcher Ebene des Purdue-Modells es arbeitet, ist nicht bekannt.',
};
