import type { Phrases } from '../phrases.js';

/** What many rules have in common: what to do next, and when a rule may be wrong. */
export const ruleAdvice: Phrases = {
  // What to do
  'Find out what this station does with the device. If nobody knows of it, disconnect the station.':
    'Klären Sie, was diese Station mit dem Gerät macht. Weiß niemand davon, trennen Sie die Station vom Netz.',
  'Find out what listens there. Disconnect the station if nobody knows.':
    'Klären Sie, was dort lauscht. Weiß es niemand, trennen Sie die Station vom Netz.',
  'Disconnect the station and look for malware.': 'Trennen Sie die Station vom Netz und suchen Sie nach Schadsoftware.',
  'Find out who worked at this station and whether the work was planned. If nobody knows of it, disconnect the station and compare the controller with its last known good program.':
    'Klären Sie, wer an dieser Station gearbeitet hat und ob das geplant war. Weiß niemand davon, trennen Sie die Station vom Netz und vergleichen Sie die Steuerung mit dem letzten bekannt guten Programm.',
  'Find out why; close what is not needed.': 'Klären Sie, warum; schließen Sie, was nicht gebraucht wird.',
  'Find out what this station looks for outside, and close the way at the firewall.':
    'Klären Sie, was diese Station außerhalb sucht, und schließen Sie den Weg an der Firewall.',
  'Disconnect the controller from other networks, and compare its program.':
    'Trennen Sie die Steuerung von anderen Netzen und vergleichen Sie ihr Programm.',
  'Ask who looked, and switch the web server off if nobody needs it.':
    'Fragen Sie, wer hingesehen hat, und schalten Sie den Webserver ab, wenn niemand ihn braucht.',
  'Find out which program on this station asked, and whether it was newly installed. If nobody knows of it, treat the station as compromised.':
    'Klären Sie, welches Programm auf dieser Station gefragt hat und ob es neu installiert wurde. Weiß niemand davon, behandeln Sie die Station als übernommen.',
  'Use LDAP over TLS.': 'Benutzen Sie LDAP über TLS.',
  'Set the name server of the plant, and close others at the firewall.':
    'Stellen Sie den Namensserver der Anlage ein und sperren Sie andere an der Firewall.',
  'Use SFTP instead, or switch FTP off at the device.':
    'Benutzen Sie stattdessen SFTP, oder schalten Sie FTP am Gerät ab.',
  'Disconnect the station; check the breakers it could reach.':
    'Trennen Sie die Station vom Netz; prüfen Sie die Schalter, die sie erreichen konnte.',
  'Close this way at the firewall at once, and look at what was done through it.':
    'Schließen Sie diesen Weg sofort an der Firewall, und sehen Sie nach, was darüber geschah.',
  'Ask whether it is still needed, and set a limit.':
    'Fragen Sie, ob sie noch gebraucht wird, und setzen Sie eine Grenze.',
  'Mail does not belong on stations of the plant. Devices that send alarms by mail may use one known relay.':
    'E-Mail gehört nicht auf Stationen der Anlage. Geräte, die Alarme per E-Mail senden, können einen bekannten Mailserver benutzen.',
  'Find the program on both ends.': 'Suchen Sie das Programm an beiden Enden.',
  'Set the time server of the plant.': 'Stellen Sie den Zeitserver der Anlage ein.',
  'Ask who printed.': 'Fragen Sie, wer gedruckt hat.',
  'If nobody needs this connection, close it at the firewall or switch the service off.':
    'Braucht niemand diese Verbindung, schließen Sie sie an der Firewall oder schalten Sie den Dienst ab.',
  'Ask who works there. Remote access belongs through a jump host.':
    'Fragen Sie, wer dort arbeitet. Fernzugriff gehört über einen Sprungrechner.',
  'Ask who works there. If nobody knows, disconnect the station.':
    'Fragen Sie, wer dort arbeitet. Weiß es niemand, trennen Sie die Station vom Netz.',
  'Ask who is being supported by whom. If nobody knows, disconnect the machine.':
    'Fragen Sie, wer hier wem hilft. Weiß es niemand, trennen Sie den Rechner vom Netz.',
  'Check at once that the relay still protects. Update the EN100 module.':
    'Prüfen Sie sofort, ob das Relais noch schützt. Aktualisieren Sie die EN100-Baugruppe.',
  'Disconnect the station at once; then look at those it has reached.':
    'Trennen Sie die Station sofort vom Netz; sehen Sie dann nach denen, die sie erreicht hat.',
  'Ask who works there.': 'Fragen Sie, wer dort arbeitet.',
  'Use SSH instead, or switch Telnet off at the device.':
    'Benutzen Sie stattdessen SSH, oder schalten Sie Telnet am Gerät ab.',
  'Go to the safety controller: its key switch must not stand on PROGRAM. Disconnect the station unless the work was planned.':
    'Gehen Sie zur Sicherheitssteuerung: Ihr Schlüsselschalter darf nicht auf PROGRAM stehen. War die Arbeit nicht geplant, trennen Sie die Station vom Netz.',
  'Close this way at the firewall at once, set a password, and compare the program.':
    'Schließen Sie diesen Weg sofort an der Firewall, setzen Sie ein Passwort und vergleichen Sie das Programm.',
  'Ask who works there. Set a password, or switch VNC off.':
    'Fragen Sie, wer dort arbeitet. Setzen Sie ein Passwort, oder schalten Sie VNC ab.',
  'Ask who set it up. Tunnels belong to the firewall, not to single stations.':
    'Fragen Sie, wer ihn eingerichtet hat. Tunnel gehören auf die Firewall, nicht auf einzelne Stationen.',
  'Ask who opened this way, and put it into the firewall rules and the baseline, or close it.':
    'Fragen Sie, wer diesen Weg geöffnet hat; nehmen Sie ihn in die Firewallregeln und den Normalzustand auf, oder schließen Sie ihn.',
  'Ask whether maintenance was done; if not, look at what the same station did before.':
    'Fragen Sie, ob gewartet wurde; wenn nicht, sehen Sie nach, was dieselbe Station vorher tat.',
  'Find the station that asks most, and slow it down.':
    'Suchen Sie die Station, die am meisten fragt, und bremsen Sie sie.',
  'Nothing, where the work was planned. Otherwise ask who used the station.':
    'Nichts, wenn die Arbeit geplant war. Sonst fragen Sie, wer die Station benutzt hat.',
  'Check at once whether the device still answers. If not, restart it on site; then find out who sent the command.':
    'Prüfen Sie sofort, ob das Gerät noch antwortet. Wenn nicht, starten Sie es vor Ort neu; klären Sie dann, wer den Befehl gesendet hat.',
  'Close this way at the firewall at once, then look at what was written through it.':
    'Schließen Sie diesen Weg sofort an der Firewall, und sehen Sie dann nach, was darüber geschrieben wurde.',
  'Disconnect the station. Compare the values in the process with what they should be, and look for the same station at other controllers.':
    'Trennen Sie die Station vom Netz. Vergleichen Sie die Werte im Prozess mit dem, was sie sein sollten, und suchen Sie dieselbe Station an anderen Steuerungen.',
  'Look at the serial line and the devices on it.': 'Sehen Sie nach der seriellen Leitung und den Geräten daran.',
  'Ask whether the controller was being programmed. If not, compare its program with the last known good copy.':
    'Fragen Sie, ob die Steuerung gerade programmiert wurde. Wenn nicht, vergleichen Sie ihr Programm mit der letzten bekannt guten Kopie.',
  "Ask whether someone serviced the device at that time. If nobody did, watch for further commands from the same station and check the device's state.":
    'Fragen Sie, ob jemand zu dieser Zeit am Gerät gearbeitet hat. War es niemand, achten Sie auf weitere Befehle derselben Station und prüfen Sie den Zustand des Geräts.',
  'Go to the device: it must be restarted by hand to answer again. Compare its values with what they should be.':
    'Gehen Sie zum Gerät: Es antwortet erst wieder, wenn es von Hand neu gestartet wurde. Vergleichen Sie seine Werte mit dem, was sie sein sollten.',
  'Ask whether a program change was planned; if not, restore the last known good program.':
    'Fragen Sie, ob eine Programmänderung geplant war; wenn nicht, stellen Sie das letzte bekannt gute Programm wieder her.',
  "Check the controller's state at once, and ask whether the stop was planned.":
    'Prüfen Sie sofort den Zustand der Steuerung, und fragen Sie, ob der Halt geplant war.',
  'Close this way at the firewall at once. Check the values in the process against what they should be.':
    'Schließen Sie diesen Weg sofort an der Firewall. Vergleichen Sie die Werte im Prozess mit dem, was sie sein sollten.',
  'Switch anonymous access off at the server, or restrict it to reading.':
    'Schalten Sie den anonymen Zugang am Server ab, oder beschränken Sie ihn auf das Lesen.',
  'See whose certificate it is. Renew it if it expired; if the application is unknown, find its station.':
    'Sehen Sie nach, wessen Zertifikat es ist. Ist es abgelaufen, erneuern Sie es; ist die Anwendung unbekannt, suchen Sie ihre Station.',
  'Give this user another password, and set the server to ask for encrypted passwords.':
    'Geben Sie diesem Benutzer ein anderes Passwort, und stellen Sie den Server so ein, dass er verschlüsselte Passwörter verlangt.',
  'Find out which device is connected to this access point and whose it is. If nobody knows of it, shut it out there and change the wireless key.':
    'Finden Sie heraus, welches Gerät mit diesem Zugangspunkt verbunden ist und wem es gehört. Kennt es niemand, sperren Sie es dort aus, und ändern Sie den Funkschlüssel.',
  'Test servers.': 'Testserver.',
  'A new mobile panel or tool.': 'Ein neues mobiles Bediengerät oder Werkzeug.',
  'Change this password, and set the server to ask for encrypted passwords.':
    'Ändern Sie dieses Passwort, und stellen Sie den Server so ein, dass er verschlüsselte Passwörter verlangt.',
  'Switch SecurityPolicy None off at the server wherever its clients can do better.':
    'Schalten Sie SecurityPolicy None am Server ab, wo immer seine Clients mehr können.',
  'Update client or server, then switch the outdated policies off.':
    'Aktualisieren Sie Client oder Server, und schalten Sie dann die veralteten Verfahren ab.',
  'Find out which program tries. Disconnect the station if nobody knows.':
    'Klären Sie, welches Programm da probiert. Weiß es niemand, trennen Sie die Station vom Netz.',
  'Disconnect the station. Check which values were written.':
    'Trennen Sie die Station vom Netz. Prüfen Sie, welche Werte geschrieben wurden.',
  'Find out which program connects again and again, and stop it.':
    'Klären Sie, welches Programm sich immer wieder verbindet, und halten Sie es an.',
  'See which clients hold sessions, and close those that are not needed.':
    'Sehen Sie nach, welche Clients Sitzungen halten, und schließen Sie die nicht gebrauchten.',
  'Ask who changed the mode, at the key switch or over the network.':
    'Fragen Sie, wer den Betriebszustand geändert hat, am Schlüsselschalter oder über das Netz.',
  'Find out which program tries, disconnect the station if nobody knows, and change the password.':
    'Klären Sie, welches Programm da probiert; weiß es niemand, trennen Sie die Station vom Netz. Ändern Sie das Passwort.',
  'Compare the blocks in the controller with the project. Do not trust what the engineering station shows: Stuxnet hid its blocks from it.':
    'Vergleichen Sie die Bausteine in der Steuerung mit dem Projekt. Trauen Sie nicht dem, was die Engineering-Station zeigt: Stuxnet hat seine Bausteine vor ihr verborgen.',

  // When a rule may be wrong
  'A new device or station.': 'Ein neues Gerät oder eine neue Station.',
  'Other programs on these ports; Android debugging uses 5555.':
    'Andere Programme auf diesen Ports; die Fehlersuche an Android-Geräten benutzt 5555.',
  'Other programs on these ports.': 'Andere Programme auf diesen Ports.',
  'Engineering with a new laptop.': 'Engineering mit einem neuen Laptop.',
  'A restart of the whole plant.': 'Ein Neustart der ganzen Anlage.',
  'Devices with cloud services of their maker.': 'Geräte mit Clouddiensten ihres Herstellers.',
  'Controllers that write to a database.': 'Steuerungen, die in eine Datenbank schreiben.',
  'Technicians.': 'Technisches Personal.',
  'A new reporting system.': 'Ein neues Berichtssystem.',
  'Windows domains use it signed.': 'Windows-Domänen benutzen es signiert.',
  'Stations with a wrong name server.': 'Stationen mit falschem Namensserver.',
  'Old devices and backup jobs.': 'Alte Geräte und Sicherungsläufe.',
  'A control centre taken into operation.': 'Eine Leitstelle, die in Betrieb genommen wird.',
  'Plants that use public addresses inside.': 'Anlagen, die innen öffentliche Adressen benutzen.',
  'Updates, time servers; plants that use public addresses inside.':
    'Aktualisierungen, Zeitserver; Anlagen, die innen öffentliche Adressen benutzen.',
  'Permanent views of a screen.': 'Dauerhafte Anzeigen eines Bildschirms.',
  'Alarm mails of devices.': 'Alarm-E-Mails von Geräten.',
  'Cloud services that were agreed on.': 'Vereinbarte Clouddienste.',
  'Proprietary protocols on this port.': 'Herstellereigene Protokolle auf diesem Port.',
  'Devices with a preset time server.': 'Geräte mit voreingestelltem Zeitserver.',
  'A new control system; an asset scanner.': 'Ein neues Leitsystem; ein Inventarscanner.',
  'A new printer.': 'Ein neuer Drucker.',
  'The proxy of the company.': 'Der Proxy des Unternehmens.',
  'Administrators.': 'Administratoren.',
  'Very old Unix systems.': 'Sehr alte Unix-Systeme.',
  'Support by a maker, agreed on.': 'Vereinbarte Unterstützung durch einen Hersteller.',
  'Engineering software of Schneider.': 'Engineering-Software von Schneider.',
  'Firmware updates of the relay; other programs on this port.':
    'Firmware-Aktualisierungen des Relais; andere Programme auf diesem Port.',
  'Network scanners, backup servers.': 'Netzscanner, Sicherungsserver.',
  'A new file server.': 'Ein neuer Dateiserver.',
  'Network management.': 'Netzverwaltung.',
  'Old devices without another way in.': 'Alte Geräte ohne anderen Zugang.',
  'Firmware updates.': 'Firmware-Aktualisierungen.',
  'Planned work on the safety system.': 'Geplante Arbeit am Sicherheitssystem.',
  'None.': 'Nie.',
  'Updates; remote support.': 'Aktualisierungen; Fernwartung.',
  'Panels with a mirrored screen.': 'Panels mit gespiegeltem Bildschirm.',
  'Remote maintenance routers.': 'Fernwartungsrouter.',
  'OPC DA; administrators.': 'OPC DA; Administratoren.',
  'Old control systems.': 'Alte Leitsysteme.',
  'A new, intended connection.': 'Eine neue, gewollte Verbindung.',
  'An operator panel with a wrong slot.': 'Ein Bedienpanel mit falschem Steckplatz.',
  'Engineering software that searches for a controller.': 'Engineering-Software, die eine Steuerung sucht.',
  'Gateways to CANopen; then switch this rule off.': 'Gateways zu CANopen; schalten Sie diese Regel dann aus.',
  'Maintenance tools that reset the counters after service.':
    'Wartungswerkzeuge, die nach der Arbeit die Zähler zurücksetzen.',
  'Slow devices during a download.': 'Langsame Geräte während eines Ladevorgangs.',
  'Maintenance with a new laptop.': 'Wartung mit einem neuen Laptop.',
  'A new backup job.': 'Ein neuer Sicherungslauf.',
  'Every planned engineering work.': 'Jede geplante Engineering-Arbeit.',
  'Devices that keep logs or recipes in files.': 'Geräte, die Protokolle oder Rezepte in Dateien halten.',
  "None in operation; a manufacturer's service tool might use it on a device that is out of service.":
    'Im Betrieb nie; ein Servicewerkzeug des Herstellers könnte es an einem Gerät außer Betrieb benutzen.',
  'A new operator station that was not learned yet.': 'Eine neue Bedienstation, die noch nicht gelernt wurde.',
  'Devices that were switched off.': 'Geräte, die abgeschaltet wurden.',
  'Asset management, network management.': 'Geräteverwaltung, Netzverwaltung.',
  'None known.': 'Keine bekannt.',
  'Programming of an old Modicon controller by its engineering station.':
    'Eine alte Modicon-Steuerung, die von ihrer Engineering-Station programmiert wird.',
  'Planned engineering work; name the station or the maintenance window in the settings, and it is only recorded.':
    'Geplante Engineering-Arbeit; nennen Sie die Station oder das Wartungsfenster in den Einstellungen, dann wird sie nur festgehalten.',
  'Jogging a drive by hand.': 'Ein Antrieb, der von Hand verfahren wird.',
  'A new operator panel or historian.': 'Ein neues Bedienpanel oder ein neuer Historian.',
  'None in operation.': 'Im Betrieb nie.',
  'Commissioning and service work on the device.': 'Inbetriebnahme und Wartung des Geräts.',
  'A planned program change by the engineering station.':
    'Eine geplante Programmänderung durch die Engineering-Station.',
  'A new engineering laptop.': 'Ein neuer Engineering-Laptop.',
  'A planned stop by the engineering station.': 'Ein geplanter Halt durch die Engineering-Station.',
  'Maintenance software of the maker.': 'Wartungssoftware des Herstellers.',
  'An operator who types values outside of the limits.': 'Jemand, der Werte außerhalb der Grenzen eingibt.',
  'Loading a recipe for the first time.': 'Ein Rezept, das zum ersten Mal geladen wird.',
  'A new control system taken into operation.': 'Ein neues Leitsystem, das in Betrieb genommen wird.',
  'A parameter set loaded for the first time.': 'Ein Parametersatz, der zum ersten Mal geladen wird.',
  'A client with too small buffers.': 'Ein Client mit zu kleinen Puffern.',
  'Operators at a new station.': 'Bedienende an einer neuen Station.',
  'Test clients.': 'Testclients.',
  'A new engineering client.': 'Ein neuer Engineering-Client.',
  'Expired certificates.': 'Abgelaufene Zertifikate.',
  'None: it should never happen.': 'Nie: Das sollte nicht vorkommen.',
  'A new client.': 'Ein neuer Client.',
  'Corrections in the archive.': 'Korrekturen im Archiv.',
  'A new operator station or historian.': 'Eine neue Bedienstation oder ein neuer Historian.',
  'Asking for endpoints, which needs no security.': 'Die Frage nach Endpunkten, die keine Absicherung braucht.',
  'Old clients.': 'Alte Clients.',
  'A client with an expired password.': 'Ein Client mit abgelaufenem Passwort.',
  'A person who mistypes a password and then works.': 'Jemand, der sich beim Passwort vertippt und dann arbeitet.',
  'An operator screen with wrong addresses.': 'Ein Bedienbild mit falschen Adressen.',
  'Reverse connections that were just set up.': 'Umgekehrte Verbindungen, die gerade eingerichtet wurden.',
  'A new server.': 'Ein neuer Server.',
  'A client that reconnects in a loop.': 'Ein Client, der sich in einer Schleife neu verbindet.',
  'Redundant clients.': 'Redundante Clients.',
  'Too small a server for its clients.': 'Ein Server, der für seine Clients zu klein ist.',
  'Extensions of a maker.': 'Erweiterungen eines Herstellers.',
  'Commissioning.': 'Inbetriebnahme.',
  'Asset management; a new operator station.': 'Geräteverwaltung; eine neue Bedienstation.',
  'Engineering software on a new laptop.': 'Engineering-Software auf einem neuen Laptop.',
  'A new operator station.': 'Eine neue Bedienstation.',
  'Every planned stop and start.': 'Jedes geplante Anhalten und Starten.',
  'Engineering software with a wrong saved password.': 'Engineering-Software mit falsch gespeichertem Passwort.',
  'A new operator panel.': 'Ein neues Bedienpanel.',
  'A new time source.': 'Eine neue Zeitquelle.',
  'Large projects that happen to use these numbers.': 'Große Projekte, die zufällig diese Nummern benutzen.',
  'A backup job; name its station in the settings.':
    'Ein Sicherungslauf; nennen Sie seine Station in den Einstellungen.',
  'Engineering on a new laptop.': 'Engineering auf einem neuen Laptop.',
  'Test benches; commissioning.': 'Prüfstände; Inbetriebnahme.',
  'New firmware.': 'Neue Firmware.',
};
