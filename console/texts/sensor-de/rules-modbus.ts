import type { Phrases } from '../phrases.js';

/** What the rules in rules/modbus and rules/cotp say. */
export const modbusRules: Phrases = {
  // rules/cotp
  'Transport connections refused': 'Transportverbindungen abgelehnt',
  'A device refused five connections within a minute: wrong rack or slot, no free connection, or somebody tries addresses.':
    'Ein Gerät hat innerhalb einer Minute fünf Verbindungen abgelehnt: falsches Rack oder falscher Steckplatz, keine freie Verbindung, oder jemand probiert Adressen aus.',
  'Slots of a controller searched': 'Steckplätze einer Steuerung durchsucht',
  'One station tried four different transport addresses (rack and slot, or names) of the same device within thirty seconds. Scanners such as plcscan do this.':
    'Eine Station hat innerhalb von dreißig Sekunden vier verschiedene Transportadressen (Rack und Steckplatz, oder Namen) desselben Geräts probiert. Scanner wie plcscan tun das.',

  // rules/modbus
  'CANopen objects accessed through Modbus': 'Über Modbus auf CANopen-Objekte zugegriffen',
  'The request reaches past the Modbus device into a CAN bus behind it, where drives and encoders are set up.':
    'Die Anfrage reicht durch das Modbus-Gerät hindurch in einen CAN-Bus dahinter, auf dem Antriebe und Geber eingestellt werden.',
  'Diagnostic counters of a device cleared': 'Diagnosezähler eines Geräts gelöscht',
  'The command clears the counters and the diagnostic register of the device. It does no harm to the process, but it wipes out traces of what happened before.':
    'Der Befehl löscht die Zähler und das Diagnoseregister des Geräts. Dem Prozess schadet das nicht, aber es verwischt Spuren dessen, was vorher geschah.',
  'Modbus device overloaded': 'Modbus-Gerät überlastet',
  'The device answered ten times within a minute that it is busy: it gets more requests than it can serve.':
    'Das Gerät hat innerhalb einer Minute zehnmal geantwortet, es sei beschäftigt: Es bekommt mehr Anfragen, als es bedienen kann.',
  'Diagnostic counters read by a new station': 'Diagnosezähler von einer neuen Station gelesen',
  'A station that was not there during learning reads error counters and status of the device.':
    'Eine Station, die beim Lernen nicht da war, liest Fehlerzähler und Status des Geräts.',
  'Files of a Modbus device read by a station that never did':
    'Dateien eines Modbus-Geräts von einer Station gelesen, die das nie tat',
  'File records hold recipes, parameters or programs. Copying them is a step before changing them.':
    'Dateisätze enthalten Rezepte, Parameter oder Programme. Wer sie kopiert, will sie womöglich danach ändern.',
  'File written to a Modbus device': 'Datei in ein Modbus-Gerät geschrieben',
  'File records hold recipes, parameters or programs of the device. They were changed.':
    'Dateisätze enthalten Rezepte, Parameter oder Programme des Geräts. Sie wurden geändert.',
  'Device silenced (Force Listen Only Mode)': 'Gerät stummgeschaltet (Force Listen Only Mode)',
  'The command puts the device into listen-only mode: it stops answering everybody, so operators lose sight and control of it until it is restarted.':
    'Der Befehl versetzt das Gerät in den Nur-Hören-Modus: Es antwortet niemandem mehr. Die Bedienenden sehen und steuern es nicht mehr, bis es neu gestartet wird.',
  'Modbus from a public address': 'Modbus von einer öffentlichen Adresse',
  'A station with a public address speaks Modbus to a device of the plant. Whoever can reach it from there can operate it: Modbus asks for no password.':
    'Eine Station mit öffentlicher Adresse spricht Modbus mit einem Gerät der Anlage. Wer es von dort erreicht, kann es bedienen: Modbus fragt nach keinem Passwort.',
  'Read, then written, by a new station (as FrostyGoop does)':
    'Erst gelesen, dann geschrieben, von einer neuen Station (wie FrostyGoop)',
  'A station that was not there during learning read registers and then wrote them, within ten minutes. The malware FrostyGoop cut the heating of 600 buildings in Lviv this way in January 2024.':
    'Eine Station, die beim Lernen nicht da war, hat innerhalb von zehn Minuten Register gelesen und dann geschrieben. Die Schadsoftware FrostyGoop hat auf diese Weise im Januar 2024 in Lwiw 600 Gebäuden die Heizung genommen.',
  'Devices behind a gateway do not answer': 'Geräte hinter einem Gateway antworten nicht',
  'A gateway reported ten times within a minute that a device on its serial line does not answer: a fault of the line, or somebody has cut it.':
    'Ein Gateway hat innerhalb einer Minute zehnmal gemeldet, dass ein Gerät an seiner seriellen Leitung nicht antwortet: Die Leitung ist gestört, oder jemand hat sie unterbrochen.',
  'Identity of a Modbus device read by a new station': 'Kennung eines Modbus-Geräts von einer neuen Station gelesen',
  'A station that was not there during learning asked a device for its vendor, model and firmware. Attackers read this to choose an exploit; so do asset scanners.':
    'Eine Station, die beim Lernen nicht da war, hat ein Gerät nach Hersteller, Modell und Firmware gefragt. Angreifer suchen sich danach eine Schwachstelle aus; auch Inventarscanner fragen so.',
  'Message delimiter of a serial device changed': 'Trennzeichen eines seriellen Geräts geändert',
  'The character that ends a message on the serial line was changed: the device and its neighbours no longer understand each other.':
    'Das Zeichen, das auf der seriellen Leitung eine Nachricht beendet, wurde geändert: Das Gerät und seine Nachbarn verstehen einander nicht mehr.',
  'Old programming function of a controller used': 'Alte Programmierfunktion einer Steuerung benutzt',
  "The function belongs to the programming or firmware interface of older controllers. It can read or change the controller's program, and no operator station uses it.":
    'Die Funktion gehört zur Programmier- oder Firmware-Schnittstelle älterer Steuerungen. Sie kann das Programm der Steuerung lesen oder ändern, und keine Bedienstation benutzt sie.',
  'Single bits of a register changed by a station that never did':
    'Einzelne Bits eines Registers von einer Station geändert, die das nie tat',
  'Mask write changes some bits and keeps others, e.g. enable bits in a command word.':
    'Maskiertes Schreiben ändert einige Bits und lässt andere stehen, etwa Freigabebits in einem Befehlswort.',
  'Output switched to and fro': 'Ausgang hin- und hergeschaltet',
  'The same coil was written twelve times within ten seconds by a station that never wrote it. Contactors, breakers and valves wear out or fail on this.':
    'Derselbe Ausgang wurde innerhalb von zehn Sekunden zwölfmal geschrieben, von einer Station, die ihn nie schrieb. Schütze, Schalter und Ventile verschleißen oder versagen dabei.',
  'Register map of a device read out': 'Registertabelle eines Geräts ausgelesen',
  'A station that was not there during learning read from a hundred different addresses within a minute: it makes itself a picture of the process.':
    'Eine Station, die beim Lernen nicht da war, hat innerhalb einer Minute von hundert verschiedenen Adressen gelesen: Sie macht sich ein Bild vom Prozess.',
  'Communication link of a controller reset': 'Kommunikation einer Steuerung zurückgesetzt',
  'An old Modicon function resets the communication of the device; it does not answer until it is back.':
    'Eine alte Modicon-Funktion setzt die Kommunikation des Geräts zurück; bis sie wieder läuft, antwortet es nicht.',
  "Restart of a device's communication": 'Kommunikation eines Geräts neu gestartet',
  'The command restarts the communication port of the device and clears its event counters. While it restarts, the device neither answers nor can be operated.':
    'Der Befehl startet die Kommunikationsschnittstelle des Geräts neu und löscht seine Ereigniszähler. Solange antwortet das Gerät nicht und lässt sich nicht bedienen.',
  'Controller silenced or restarted after it was written':
    'Steuerung stummgeschaltet oder neu gestartet, nachdem sie beschrieben wurde',
  'The same station first changed values and then took the device out of communication: the operators do not see what was changed.':
    'Dieselbe Station hat erst Werte geändert und dann dem Gerät die Kommunikation genommen: Die Bedienenden sehen nicht, was geändert wurde.',
  'Program download to a controller over UMAS': 'Programm über UMAS in eine Steuerung geladen',
  'A new program is being loaded into a Schneider Electric controller. What the plant does afterwards is decided by that program.':
    'In eine Steuerung von Schneider Electric wird ein neues Programm geladen. Was die Anlage danach tut, bestimmt dieses Programm.',
  'Memory of a Modicon controller read': 'Speicher einer Modicon-Steuerung gelesen',
  'Memory blocks were read directly, not as registers. Passwords of some controllers can be found this way (CVE-2021-22779).':
    'Speicherblöcke wurden unmittelbar gelesen, nicht als Register. Bei manchen Steuerungen lassen sich so Passwörter finden (CVE-2021-22779).',
  'Schneider programming protocol from a new station': 'Programmierprotokoll von Schneider von einer neuen Station',
  'A station that was not there during learning speaks UMAS, the protocol of the programming software Control Expert.':
    'Eine Station, die beim Lernen nicht da war, spricht UMAS, das Protokoll der Programmiersoftware Control Expert.',
  'Modicon controller reserved for programming': 'Modicon-Steuerung zum Programmieren belegt',
  'A station took the exclusive right to change the controller. Others cannot program it until it is given back.':
    'Eine Station hat sich das alleinige Recht genommen, die Steuerung zu ändern. Bis sie es zurückgibt, kann niemand sonst sie programmieren.',
  'Modicon controller started': 'Modicon-Steuerung gestartet',
  'The controller was told to run its program. After a stop that nobody ordered, this puts changed logic into effect.':
    'Die Steuerung sollte ihr Programm ausführen. Nach einem Halt, den niemand angeordnet hat, wird damit ein geändertes Programm wirksam.',
  'Controller stopped over UMAS': 'Steuerung über UMAS angehalten',
  'The command stops a Schneider Electric controller: its program no longer runs and its outputs go to their fallback state.':
    'Der Befehl hält eine Steuerung von Schneider Electric an: Ihr Programm läuft nicht mehr, und ihre Ausgänge gehen in den Rückfallzustand.',
  'Program of a Modicon controller copied': 'Programm einer Modicon-Steuerung kopiert',
  'The program was read out of the controller. With it an attacker can prepare a change that is hard to notice.':
    'Das Programm wurde aus der Steuerung ausgelesen. Damit lässt sich eine Änderung vorbereiten, die kaum auffällt.',
  'Modicon variables written past the registers': 'Modicon-Variablen an den Registern vorbei geschrieben',
  "Variables or inputs and outputs were written with Schneider's programming protocol, by a station that never did this.":
    'Variablen oder Ein- und Ausgänge wurden mit dem Programmierprotokoll von Schneider geschrieben, von einer Station, die das nie tat.',
  'Undocumented Modbus function used': 'Undokumentierte Modbus-Funktion benutzt',
  'The function is in no public standard. Makers use such functions for maintenance, fuzzers try them all, and some devices stop on them.':
    'Die Funktion steht in keiner öffentlichen Norm. Hersteller nutzen solche Funktionen zur Wartung, Fuzzer probieren alle durch, und manche Geräte bleiben daran stehen.',
  'Values tried out on a Modbus device': 'Werte an einem Modbus-Gerät ausprobiert',
  'The device refused five values within a minute: somebody tries which ones it takes.':
    'Das Gerät hat innerhalb einer Minute fünf Werte abgelehnt: Jemand probiert, welche es annimmt.',
  'Modbus write from another zone': 'Modbus-Schreibzugriff aus einer anderen Zone',
  'A station of another zone of the settings changes something here. IEC 62443 wants such conduits to be few and known; this pair was not learned.':
    'Eine Station aus einer anderen Zone der Einstellungen ändert hier etwas. IEC 62443 will solche Übergänge selten und bekannt haben; dieses Paar wurde nicht gelernt.',
  'Burst of writes to a Modbus device': 'Flut von Schreibzugriffen auf ein Modbus-Gerät',
  'More than two hundred writes within ten seconds from a station that never wrote there: no person and no normal program does this.':
    'Mehr als zweihundert Schreibzugriffe in zehn Sekunden von einer Station, die dort nie schrieb: Kein Mensch und kein gewöhnliches Programm tut das.',
  'Modbus write from a public address': 'Modbus-Schreibzugriff von einer öffentlichen Adresse',
  'Somebody outside of the plant changes values of the process or the controller.':
    'Jemand außerhalb der Anlage ändert Werte des Prozesses oder der Steuerung.',
  'One new station writes to several controllers': 'Eine neue Station schreibt in mehrere Steuerungen',
  'A station that was not there during learning wrote to three different devices within ten minutes.':
    'Eine Station, die beim Lernen nicht da war, hat innerhalb von zehn Minuten in drei verschiedene Geräte geschrieben.',
  'Many different registers written one after the other': 'Viele verschiedene Register nacheinander geschrieben',
  'Fifty different addresses were written within a minute by a station that never wrote there. Industroyer and FrostyGoop work through lists like this.':
    'Fünfzig verschiedene Adressen wurden innerhalb einer Minute von einer Station geschrieben, die dort nie schrieb. So arbeiten Industroyer und FrostyGoop ihre Listen ab.',
};
