import type { Phrases } from '../phrases.js';

/** What the rules in rules/s7comm and rules/s7comm-plus say. */
export const s7Rules: Phrases = {
  '{0} (S7-1200/1500)': '{0} (S7-1200/1500)',
  'Alarms acknowledged by a station that never did': 'Alarme von einer Station quittiert, die das nie tat',
  "Acknowledged alarms vanish from the operators' lists.":
    'Quittierte Alarme verschwinden aus den Listen der Bedienenden.',
  'Alarms of a controller locked': 'Alarme einer Steuerung gesperrt',
  'Locked alarms are no longer shown to the operators.': 'Gesperrte Alarme werden den Bedienenden nicht mehr gezeigt.',
  'Breakpoint set in a running program': 'Haltepunkt in einem laufenden Programm gesetzt',
  'A breakpoint makes the controller stop in the middle of its program.':
    'Ein Haltepunkt lässt die Steuerung mitten in ihrem Programm anhalten.',
  'Memory of a controller compressed': 'Speicher einer Steuerung komprimiert',
  'Compressing takes time from the program and is part of program changes.':
    'Das Komprimieren nimmt dem Programm Zeit und gehört zu Programmänderungen.',
  'Program block deleted': 'Programmbaustein gelöscht',
  'A block of the program was deleted. Where it is still called, the controller stops.':
    'Ein Baustein des Programms wurde gelöscht. Wird er noch aufgerufen, hält die Steuerung an.',
  'Program loaded and controller stopped by the same station':
    'Programm geladen und Steuerung angehalten, von derselben Station',
  'Loading blocks and stopping the controller within ten minutes is what a complete program change looks like, and what Stuxnet-like attacks do.':
    'Bausteine laden und die Steuerung anhalten, beides innerhalb von zehn Minuten: So sieht ein vollständiger Programmwechsel aus, und so gehen Angriffe nach Art von Stuxnet vor.',
  'Loading blocks and stopping the controller within ten minutes is what a complete program change looks like.':
    'Bausteine laden und die Steuerung anhalten, beides innerhalb von zehn Minuten: So sieht ein vollständiger Programmwechsel aus.',
  'Program block loaded into a controller': 'Programmbaustein in eine Steuerung geladen',
  'A block of the program was sent to the controller. From then on it may control the process differently.':
    'Ein Baustein des Programms wurde an die Steuerung gesendet. Von da an steuert sie den Prozess womöglich anders.',
  'Organisation block or system data loaded into a controller':
    'Organisationsbaustein oder Systemdaten in eine Steuerung geladen',
  'Organisation blocks decide when and how the program runs; system data holds the configuration of the controller. Stuxnet changed OB1 and OB35.':
    'Organisationsbausteine bestimmen, wann und wie das Programm läuft; Systemdaten enthalten die Konfiguration der Steuerung. Stuxnet hat OB1 und OB35 geändert.',
  'LED of a controller flashed': 'LED einer Steuerung blinken lassen',
  'The command makes the LED of a device blink, to find it in the cabinet. It shows that somebody can reach it.':
    'Der Befehl lässt die LED eines Geräts blinken, damit man es im Schrank findet. Er zeigt, dass jemand es erreichen kann.',
  'Variables forced': 'Variablen geforct',
  'Forced values hold inputs or outputs whatever the program says, also interlocks that protect people.':
    'Geforcte Werte halten Ein- oder Ausgänge fest, was immer das Programm sagt, auch Verriegelungen, die Menschen schützen.',
  'S7 from a public address': 'S7 von einer öffentlichen Adresse',
  'A station with a public address speaks S7 to a device of the plant. Whoever can reach it from there can operate it: S7 asks for no password.':
    'Eine Station mit öffentlicher Adresse spricht S7 mit einem Gerät der Anlage. Wer es von dort erreicht, kann es bedienen: S7 fragt nach keinem Passwort.',
  'Identity of an S7 controller read by a new station': 'Kennung einer S7-Steuerung von einer neuen Station gelesen',
  'A station that was not there during learning asks for order number, firmware and serial number. Scanners such as plcscan and nmap s7-info do exactly this.':
    'Eine Station, die beim Lernen nicht da war, fragt nach Bestellnummer, Firmware und Seriennummer. Scanner wie plcscan und nmap s7-info tun genau das.',
  'Loaded block put into operation': 'Geladener Baustein in Betrieb genommen',
  'The last step of a program change: the controller takes the loaded block over into its running program.':
    'Der letzte Schritt einer Programmänderung: Die Steuerung übernimmt den geladenen Baustein in ihr laufendes Programm.',
  'Blocks of a controller listed by a new station': 'Bausteine einer Steuerung von einer neuen Station aufgelistet',
  'A station that was not there during learning asks which blocks the program has, or for their headers.':
    'Eine Station, die beim Lernen nicht da war, fragt, welche Bausteine das Programm hat, oder nach deren Köpfen.',
  'Memory of a controller reset': 'Steuerung urgelöscht',
  'The program and all values in the controller are erased.':
    'Das Programm und alle Werte in der Steuerung werden gelöscht.',
  'Messages of a controller subscribed by a new station': 'Meldungen einer Steuerung von einer neuen Station abonniert',
  'A station that was not there during learning asks for the alarms and messages of the controller.':
    'Eine Station, die beim Lernen nicht da war, verlangt die Alarme und Meldungen der Steuerung.',
  'Operating mode read by a new station': 'Betriebszustand von einer neuen Station gelesen',
  'A station that was not there during learning asks whether the controller runs.':
    'Eine Station, die beim Lernen nicht da war, fragt, ob die Steuerung läuft.',
  'Controller reports a change of its operating mode': 'Steuerung meldet einen Wechsel ihres Betriebszustands',
  'The controller itself tells that it went to another operating mode: RUN, STOP, HOLD or start-up. It tells so whoever caused it, also somebody at its switch.':
    'Die Steuerung selbst sagt, dass sie in einen anderen Betriebszustand ging: RUN, STOP, HALT oder Anlauf. Sie sagt es, gleich wer es veranlasst hat, auch wenn es jemand am Schalter war.',
  'Variables modified with programmer commands': 'Variablen mit Befehlen des Programmiergeräts geändert',
  'Values were changed with the test functions of the programming software, past the operator screens.':
    'Werte wurden mit den Testfunktionen der Programmiersoftware geändert, an den Bedienbildern vorbei.',
  'Password of a CNC changed': 'Passwort einer CNC geändert',
  'The access to the numeric control was changed: others may be locked out.':
    'Der Zugang zur numerischen Steuerung wurde geändert: Andere sind womöglich ausgesperrt.',
  'Program copied from a CNC': 'Programm aus einer CNC kopiert',
  'A machining program, often a trade secret, was read out of the numeric control.':
    'Ein Bearbeitungsprogramm, oft ein Betriebsgeheimnis, wurde aus der numerischen Steuerung ausgelesen.',
  'Program loaded into a CNC': 'Programm in eine CNC geladen',
  'A machining program was sent to the numeric control. A changed program can ruin the part, the tool or the machine.':
    'Ein Bearbeitungsprogramm wurde an die numerische Steuerung gesendet. Ein geändertes Programm kann Werkstück, Werkzeug oder Maschine zerstören.',
  'Program of a CNC selected': 'Programm einer CNC ausgewählt',
  'The numeric control was told which program to run next, by a station that never did this.':
    'Der numerischen Steuerung wurde gesagt, welches Programm sie als nächstes ausführen soll, von einer Station, die das nie tat.',
  'Passwords of a controller tried out': 'Passwörter einer Steuerung ausprobiert',
  'Five passwords were handed over within a minute. A person needs one or two.':
    'Innerhalb einer Minute wurden fünf Passwörter übergeben. Ein Mensch braucht ein oder zwei.',
  'Password handed to a controller': 'Passwort an eine Steuerung übergeben',
  'A station logs on to the controller to get past its protection. The password itself is not shown; S7 passwords can be recovered from the network traffic.':
    'Eine Station meldet sich an der Steuerung an, um an deren Schutz vorbeizukommen. Das Passwort selbst wird nicht gezeigt; S7-Passwörter lassen sich aus dem Netzverkehr zurückgewinnen.',
  'Controller started': 'Steuerung gestartet',
  'The controller was told to run. After a stop that nobody ordered, this puts a changed program into effect.':
    'Die Steuerung sollte anlaufen. Nach einem Halt, den niemand angeordnet hat, wird damit ein geändertes Programm wirksam.',
  'Controller stopped': 'Steuerung angehalten',
  'The command stops the program of the controller. Its outputs go to their safe state; what it controlled stands still or runs on uncontrolled.':
    'Der Befehl hält das Programm der Steuerung an. Ihre Ausgänge gehen in den sicheren Zustand; was sie steuerte, steht still oder läuft ungesteuert weiter.',
  'Protection level read by a new station': 'Schutzstufe von einer neuen Station gelesen',
  'A station that was not there during learning asks how the controller is protected, and where its key switch stands.':
    'Eine Station, die beim Lernen nicht da war, fragt, wie die Steuerung geschützt ist und wo ihr Schlüsselschalter steht.',
  'Program made permanent': 'Programm dauerhaft gespeichert',
  'What was loaded is copied to memory that survives a power cut: a change that stays.':
    'Das Geladene wird in Speicher kopiert, der einen Stromausfall übersteht: eine Änderung, die bleibt.',
  'Inputs and outputs read by a new station': 'Ein- und Ausgänge von einer neuen Station gelesen',
  'A station that was not there during learning reads the process image: what sensors report and what the program has set.':
    'Eine Station, die beim Lernen nicht da war, liest das Prozessabbild: was Sensoren melden und was das Programm gesetzt hat.',
  'Controller explored, then copied': 'Steuerung erkundet, dann kopiert',
  'The same station asked for the identity, listed the blocks and copied some, within ten minutes: this is how somebody prepares an attack on this program.':
    'Dieselbe Station hat innerhalb von zehn Minuten nach der Kennung gefragt, die Bausteine aufgelistet und einige kopiert: So bereitet man einen Angriff auf dieses Programm vor.',
  'Clock of a controller set': 'Uhr einer Steuerung gestellt',
  'The time was changed by a station that never did this. Logs and timed programs no longer fit; attackers do this to hide traces.':
    'Die Uhrzeit wurde von einer Station geändert, die das nie tat. Protokolle und zeitgesteuerte Programme passen nicht mehr; Angreifer verwischen so ihre Spuren.',
  'The time was changed by a station that never did this. Logs and timed programs no longer fit.':
    'Die Uhrzeit wurde von einer Station geändert, die das nie tat. Protokolle und zeitgesteuerte Programme passen nicht mehr.',
  'Controller stopped again and again': 'Steuerung immer wieder angehalten',
  'Three stop commands within five minutes: somebody keeps the controller from running.':
    'Drei Haltbefehle innerhalb von fünf Minuten: Jemand hindert die Steuerung am Laufen.',
  'Blocks loaded that Stuxnet used': 'Bausteine geladen, die Stuxnet benutzte',
  'Stuxnet loaded FC 1865 to 1880 and used data blocks 888 to 891 and 8062 to 8064 in the controllers of centrifuge cascades. Normal projects do not use such numbers together.':
    'Stuxnet hat in den Steuerungen von Zentrifugenkaskaden FC 1865 bis 1880 geladen und die Datenbausteine 888 bis 891 und 8062 bis 8064 benutzt. Gewöhnliche Projekte haben solche Nummern nicht zusammen.',
  'Undocumented S7 function used': 'Undokumentierte S7-Funktion benutzt',
  'The function is in no public description. Makers use such functions for maintenance, fuzzers try them all.':
    'Die Funktion steht in keiner öffentlichen Beschreibung. Hersteller nutzen solche Funktionen zur Wartung, Fuzzer probieren alle durch.',
  'Program block copied from a controller': 'Programmbaustein aus einer Steuerung kopiert',
  'Whole program copied from a controller': 'Ganzes Programm aus einer Steuerung kopiert',
  'Ten blocks were read out within five minutes: the whole program, not a look at one block.':
    'Zehn Bausteine wurden innerhalb von fünf Minuten ausgelesen: das ganze Programm, nicht ein Blick in einen Baustein.',
  'Variables watched with programmer commands by a new station':
    'Variablen mit Befehlen des Programmiergeräts von einer neuen Station beobachtet',
  'A station that was not there during learning watches variables or running blocks with test functions of the programming software.':
    'Eine Station, die beim Lernen nicht da war, beobachtet Variablen oder laufende Bausteine mit Testfunktionen der Programmiersoftware.',
  'S7 write from another zone': 'S7-Schreibzugriff aus einer anderen Zone',
  'S7 write from a public address': 'S7-Schreibzugriff von einer öffentlichen Adresse',
  'Outputs written directly': 'Ausgänge unmittelbar geschrieben',
  'Outputs or inputs of the process image were written by a station that never did this. The program normally sets outputs, not a station.':
    'Aus- oder Eingänge des Prozessabbilds wurden von einer Station geschrieben, die das nie tat. Ausgänge setzt gewöhnlich das Programm, keine Station.',

  // rules/s7comm-plus
  'Configuration of a controller changed': 'Konfiguration einer Steuerung geändert',
  'Settings of the controller, not process values, were changed by a station that never did this.':
    'Einstellungen der Steuerung, keine Prozesswerte, wurden von einer Station geändert, die das nie tat.',
  'Program loaded into a controller': 'Programm in eine Steuerung geladen',
  'Blocks of the program were sent to the controller. From then on it may control the process differently.':
    'Bausteine des Programms wurden an die Steuerung gesendet. Von da an steuert sie den Prozess womöglich anders.',
  'Configuration loaded into a controller': 'Konfiguration in eine Steuerung geladen',
  'The hardware or network configuration of the controller was changed.':
    'Die Hardware- oder Netzkonfiguration der Steuerung wurde geändert.',
  'Contents of a controller explored by a new station': 'Inhalt einer Steuerung von einer neuen Station erkundet',
  'A station that was not there during learning looks through the objects of the controller.':
    'Eine Station, die beim Lernen nicht da war, sieht die Objekte der Steuerung durch.',
  'Operating state of a controller changed': 'Betriebszustand einer Steuerung geändert',
  'The controller was told to go to another operating state than RUN or STOP.':
    'Die Steuerung sollte in einen anderen Betriebszustand als RUN oder STOP gehen.',
  'Five log-on attempts within a minute. A person needs one or two.':
    'Fünf Anmeldeversuche innerhalb einer Minute. Ein Mensch braucht ein oder zwei.',
  'Protection or password of a controller changed': 'Schutz oder Passwort einer Steuerung geändert',
  'Who may do what with the controller was changed: others may be locked out, or let in.':
    'Geändert wurde, wer mit der Steuerung was darf: Andere sind womöglich ausgesperrt oder eingelassen.',
  'Session of a new station with an S7-1200/1500': 'Sitzung einer neuen Station mit einer S7-1200/1500',
  'A station that was not there during learning opened a session: an engineering station, an operator panel, or somebody else.':
    'Eine Station, die beim Lernen nicht da war, hat eine Sitzung geöffnet: eine Engineering-Station, ein Bedienpanel oder jemand anderes.',
  'Watch, force or trace job created': 'Auftrag zum Beobachten, Forcen oder Aufzeichnen angelegt',
  'A test job was set up in the controller by a station that never did this. Such jobs can force values past the program.':
    'In der Steuerung wurde ein Testauftrag angelegt, von einer Station, die das nie tat. Solche Aufträge können am Programm vorbei Werte erzwingen.',
  'Undocumented S7comm-plus function used': 'Undokumentierte S7comm-plus-Funktion benutzt',
  'The function is in no public description. Fuzzers try such functions; some devices stop on them.':
    'Die Funktion steht in keiner öffentlichen Beschreibung. Fuzzer probieren solche Funktionen; manche Geräte bleiben daran stehen.',
  'Program copied from a controller': 'Programm aus einer Steuerung kopiert',
};
