import type { Phrases } from '../phrases.js';

/** What the rules in rules/connection say. */
export const connectionRules: Phrases = {
  '{0} used by a pair that was not learned': '{0} zwischen zwei Geräten, bei denen es nicht gelernt wurde',
  '{0} operates devices of the plant and asks for no password. Its messages are not taken apart here, so what was done is not known.':
    '{0} bedient Geräte der Anlage und fragt nach keinem Passwort. Seine Nachrichten werden hier nicht zerlegt; was getan wurde, ist also nicht bekannt.',
  'Port of a well-known attack tool': 'Port eines bekannten Angriffswerkzeugs',
  'These are default ports of Metasploit, Cobalt Strike and common back doors.':
    'Das sind voreingestellte Ports von Metasploit, Cobalt Strike und verbreiteten Hintertüren.',
  'Chat protocol (IRC)': 'Chatprotokoll (IRC)',
  'Simple malware takes its orders from chat channels.':
    'Einfache Schadsoftware holt sich ihre Befehle aus Chatkanälen.',
  'Programming access to a CODESYS controller': 'Programmierzugang zu einer CODESYS-Steuerung',
  'The runtime of CODESYS is reached, which many makers build into their controllers. Programs are loaded and changed this way.':
    'Angesprochen wird die Laufzeit von CODESYS, die viele Hersteller in ihre Steuerungen einbauen. Auf diesem Weg werden Programme geladen und geändert.',
  'Many new stations connect to one controller': 'Viele neue Stationen verbinden sich mit einer Steuerung',
  'Ten stations that never did connected to the same device within a minute. Controllers have room for few connections.':
    'Zehn Stationen, die das nie taten, haben sich innerhalb einer Minute mit demselben Gerät verbunden. Steuerungen haben Platz für wenige Verbindungen.',
  'Controller talks to the internet': 'Steuerung spricht mit dem Internet',
  'A controller opened a connection to a public address. Controllers talk to their stations and to nobody else.':
    'Eine Steuerung hat eine Verbindung zu einer öffentlichen Adresse geöffnet. Steuerungen sprechen mit ihren Stationen und mit niemandem sonst.',
  'Controller opens a connection to an office service': 'Steuerung verbindet sich mit einem Bürodienst',
  'A controller itself connected to a Windows, remote or database service. Controllers answer; they do not do this unless they serve as a bridge for somebody.':
    'Eine Steuerung hat sich selbst mit einem Windows-, Fernzugriffs- oder Datenbankdienst verbunden. Steuerungen antworten nur; so etwas tun sie nicht, außer jemand benutzt sie als Brücke.',
  'Web page of a controller opened': 'Webseite einer Steuerung geöffnet',
  'Web pages of controllers show states and let people change settings, often with well-known passwords.':
    'Webseiten von Steuerungen zeigen Zustände und lassen Einstellungen ändern, oft mit allgemein bekannten Passwörtern.',
  'Database used by a new pair': 'Datenbank von einem neuen Paar benutzt',
  'Data of the plant (history, recipes, orders) is read or written by a station that never did.':
    'Daten der Anlage (Verläufe, Rezepte, Aufträge) werden von einer Station gelesen oder geschrieben, die das nie tat.',
  'Directory asked in clear text': 'Verzeichnis im Klartext abgefragt',
  'LDAP without encryption shows user names, and with simple log-in also passwords.':
    'LDAP ohne Verschlüsselung zeigt Benutzernamen, bei einfacher Anmeldung auch Passwörter.',
  'Names looked up at a server outside': 'Namen bei einem Server außerhalb aufgelöst',
  'The station asks a public name server past the one of the plant. Tunnels and malware do this.':
    'Die Station fragt einen öffentlichen Namensserver, am Server der Anlage vorbei. Tunnel und Schadsoftware tun das.',
  'FTP connection': 'FTP-Verbindung',
  'FTP sends everything, passwords included, in clear text. Some controllers keep programs and firmware in files that are reached this way.':
    'FTP sendet alles im Klartext, auch Passwörter. Manche Steuerungen halten Programme und Firmware in Dateien, die so erreichbar sind.',
  'Many substations contacted by one new pair after another':
    'Viele Unterstationen nacheinander von einer neuen Station angesprochen',
  'One station opened IEC 104 connections to five stations within a minute that were not learned. Industroyer2 worked through such a list.':
    'Eine Station hat innerhalb einer Minute IEC-104-Verbindungen zu fünf Stationen geöffnet, die nicht gelernt wurden. Industroyer2 hat eine solche Liste abgearbeitet.',
  'Connection from the internet': 'Verbindung aus dem Internet',
  'A public address has reached a station of the plant, and the station answered.':
    'Eine öffentliche Adresse hat eine Station der Anlage erreicht, und die Station hat geantwortet.',
  'Remote session of more than eight hours': 'Fernsitzung von mehr als acht Stunden',
  'A remote session stayed open for more than a working day. Forgotten sessions are ways in.':
    'Eine Fernsitzung blieb länger als einen Arbeitstag offen. Vergessene Sitzungen sind offene Türen.',
  'Mail from the plant': 'E-Mail aus der Anlage',
  'A station fetches or sends mail. Mail brings malware, and takes data away.':
    'Eine Station holt oder sendet E-Mail. E-Mail bringt Schadsoftware herein und Daten hinaus.',
  'Port of mining software': 'Port einer Software zum Krypto-Schürfen',
  'Mining software uses up the computing time that the process needs.':
    'Schürfsoftware verbraucht die Rechenzeit, die der Prozess braucht.',
  'MQTT to the internet': 'MQTT ins Internet',
  'Devices send data to, and take orders from, a broker outside. The malware IOCONTROL used MQTT over TLS for its orders.':
    'Geräte senden Daten an einen Broker außerhalb und nehmen von dort Befehle an. Die Schadsoftware IOCONTROL bekam ihre Befehle über MQTT mit TLS.',
  'Something else than Modbus on its port': 'Etwas anderes als Modbus auf dessen Port',
  'Port 502 is open in many firewalls because Modbus needs it. What went through it was not Modbus.':
    'Port 502 ist in vielen Firewalls offen, weil Modbus ihn braucht. Was hier hindurchging, war kein Modbus.',
  'Time fetched from outside': 'Uhrzeit von außen geholt',
  'The station asks a public time server. The plant should have one clock.':
    'Die Station fragt einen öffentlichen Zeitserver. Die Anlage sollte eine gemeinsame Uhr haben.',
  'One station contacts many controllers': 'Eine Station spricht viele Steuerungen an',
  'One station connected to ten devices with protocols of automation within ten minutes, none of which was learned.':
    'Eine Station hat sich innerhalb von zehn Minuten mit zehn Geräten in Protokollen der Automatisierung verbunden; keine der Verbindungen wurde gelernt.',
  'Raw printing from a new station': 'Rohdruck von einer neuen Station',
  'A printer is used that this station never used. Data leaves the plant on paper as well.':
    'Ein Drucker wird benutzt, den diese Station nie benutzte. Daten verlassen die Anlage auch auf Papier.',
  'Proxy used': 'Proxy benutzt',
  'The connection goes through another machine to wherever its client wants.':
    'Die Verbindung führt über einen anderen Rechner dorthin, wohin der Client will.',
  'Remote desktop connection': 'Remotedesktop-Verbindung',
  'Somebody works on the screen of another machine. Through an operator or engineering station everything in the plant can be reached.':
    'Jemand arbeitet auf dem Bildschirm eines anderen Rechners. Über eine Bedien- oder Engineering-Station ist alles in der Anlage erreichbar.',
  'Remote access to many machines': 'Fernzugriff auf viele Rechner',
  'One station opened remote sessions to five machines within ten minutes.':
    'Eine Station hat innerhalb von zehn Minuten Fernsitzungen zu fünf Rechnern geöffnet.',
  'Remote shell without encryption': 'Fernzugriff auf die Befehlszeile ohne Verschlüsselung',
  'rlogin, rsh and rexec give a command line on another machine without encryption.':
    'rlogin, rsh und rexec geben ohne Verschlüsselung eine Befehlszeile auf einem anderen Rechner.',
  'Remote support software': 'Fernwartungssoftware',
  'The port belongs to TeamViewer, AnyDesk, RustDesk, Radmin or Ammyy: somebody outside may be working on this machine.':
    'Der Port gehört zu TeamViewer, AnyDesk, RustDesk, Radmin oder Ammyy: Vielleicht arbeitet jemand von außen auf diesem Rechner.',
  'Schneider devices searched': 'Schneider-Geräte gesucht',
  'UDP port 27127 belongs to the discovery of Schneider devices. PIPEDREAM searched for controllers this way.':
    'Über UDP-Port 27127 werden Schneider-Geräte gesucht. PIPEDREAM hat so nach Steuerungen gesucht.',
  'Maintenance port of SIPROTEC protection relays': 'Wartungsport von SIPROTEC-Schutzrelais',
  'UDP port 50000 of SIPROTEC relays puts them into maintenance mode. Industroyer switched relays off this way (CVE-2015-5374).':
    'Über UDP-Port 50000 gehen SIPROTEC-Relais in den Wartungsmodus. Industroyer hat Relais auf diese Weise abgeschaltet (CVE-2015-5374).',
  'File sharing connections to many machines': 'Dateifreigaben vieler Rechner angesprochen',
  'One station connected to ten others by Windows file sharing within a minute. WannaCry and NotPetya spread this way.':
    'Eine Station hat sich innerhalb einer Minute über Windows-Dateifreigaben mit zehn anderen verbunden. WannaCry und NotPetya haben sich so verbreitet.',
  'Connection out of the wireless network': 'Verbindung aus dem Funknetz',
  'A wireless access point or bridge connects to a device of the plant as it never did. It stands for whoever is on the air behind it, because it hides their addresses behind its own.':
    'Ein Funk-Zugangspunkt oder eine Funkbrücke verbindet sich mit einem Gerät der Anlage wie nie zuvor. Dahinter steht, wer im Funknetz ist: Der Zugangspunkt verbirgt dessen Adresse hinter seiner eigenen.',
  'Windows file sharing': 'Windows-Dateifreigabe',
  'Files are exchanged between two machines that were not learned. Worms and ransomware spread this way.':
    'Zwischen zwei Rechnern, bei denen es nicht gelernt wurde, werden Dateien getauscht. Würmer und Erpressungssoftware verbreiten sich so.',
  'Device management by SNMP': 'Geräteverwaltung über SNMP',
  'A station reads settings and counters of a device. Versions 1 and 2 protect them with a word that crosses the network in clear.':
    'Eine Station liest Einstellungen und Zähler eines Geräts. Die Versionen 1 und 2 schützen sie mit einem Wort, das im Klartext durchs Netz geht.',
  'SSH connection': 'SSH-Verbindung',
  'A command line on another machine, between two stations that were not learned.':
    'Eine Befehlszeile auf einem anderen Rechner, zwischen zwei Stationen, bei denen es nicht gelernt wurde.',
  'Telnet connection': 'Telnet-Verbindung',
  'Telnet sends everything, passwords included, in clear text.': 'Telnet sendet alles im Klartext, auch Passwörter.',
  'TFTP transfer': 'TFTP-Übertragung',
  'TFTP asks for no password. Devices load firmware and configurations with it.':
    'TFTP fragt nach keinem Passwort. Geräte laden damit Firmware und Konfigurationen.',
  'Connection to a Tor port': 'Verbindung zu einem Tor-Port',
  'Tor hides where a connection goes. No plant needs it.':
    'Tor verbirgt, wohin eine Verbindung führt. Keine Anlage braucht das.',
  'Programming access to a safety controller (TriStation)':
    'Programmierzugang zu einer Sicherheitssteuerung (TriStation)',
  'UDP port 1502 belongs to the programming protocol of Triconex safety systems. The malware TRITON used it in 2017 to reprogram a safety controller.':
    'UDP-Port 1502 gehört zum Programmierprotokoll der Sicherheitssysteme Triconex. Die Schadsoftware TRITON hat damit 2017 eine Sicherheitssteuerung umprogrammiert.',
  'Unitronics controller reached from a public address': 'Unitronics-Steuerung von einer öffentlichen Adresse erreicht',
  'Port 20256 belongs to Unitronics controllers. In 2023 attackers took over such controllers in water works over the internet, with the default password.':
    'Port 20256 gehört zu Unitronics-Steuerungen. 2023 haben Angreifer solche Steuerungen in Wasserwerken über das Internet übernommen, mit dem voreingestellten Passwort.',
  'Much data sent to the internet': 'Viele Daten ins Internet gesendet',
  'More than 50 MB went through one connection to a public address.':
    'Mehr als 50 MB gingen über eine Verbindung an eine öffentliche Adresse.',
  'VNC connection': 'VNC-Verbindung',
  'Somebody works on the screen of another machine, often an operator panel, and often without a password.':
    'Jemand arbeitet auf dem Bildschirm eines anderen Rechners, oft eines Bedienpanels, und oft ohne Passwort.',
  'VPN connection': 'VPN-Verbindung',
  'An encrypted tunnel leaves or enters the plant past the firewall rules.':
    'Ein verschlüsselter Tunnel führt an den Firewallregeln vorbei in die Anlage oder aus ihr heraus.',
  'Remote services of Windows': 'Ferndienste von Windows',
  'Services, tasks and the registry of another Windows machine can be reached; also old OPC (DCOM) uses it.':
    'Dienste, Aufgaben und die Registrierung eines anderen Windows-Rechners sind erreichbar; auch altes OPC (DCOM) benutzt das.',
  'Remote management of Windows': 'Fernverwaltung von Windows',
  'Commands are run on another Windows machine. Administrators and attackers use the same way.':
    'Auf einem anderen Windows-Rechner werden Befehle ausgeführt. Administratoren und Angreifer nehmen denselben Weg.',
  'X11 display': 'X11-Anzeige',
  'The screen of a Unix machine is shown on another, without encryption.':
    'Der Bildschirm eines Unix-Rechners wird auf einem anderen gezeigt, ohne Verschlüsselung.',
  'Connection between zones that was not learned': 'Verbindung zwischen Zonen, die nicht gelernt wurde',
  'Two zones of the settings are connected in a way that was not learned. IEC 62443 wants such conduits to be few and known.':
    'Zwei Zonen der Einstellungen sind auf eine Weise verbunden, die nicht gelernt wurde. IEC 62443 will solche Übergänge selten und bekannt haben.',
};
