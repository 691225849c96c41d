import type { Phrases } from '../phrases.js';

/** What is odd in the traffic: titles and descriptions of anomalies. */
export const anomalies: Phrases = {
  // In many of them
  'Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device.':
    'Gut gemachte Software erzeugt so etwas nicht: Suchen Sie ein defektes Gerät, einen Scanner oder den Versuch, das Gerät zum Absturz zu bringen oder zu täuschen.',
  'Well-made software does not produce this: look for a faulty program, a scanner, or an attempt to crash or deceive the server.':
    'Gut gemachte Software erzeugt so etwas nicht: Suchen Sie ein fehlerhaftes Programm, einen Scanner oder den Versuch, den Server zum Absturz zu bringen oder zu täuschen.',
  'Devices differ in how they read it, so a monitor may see something else than the device does.':
    'Geräte lesen das verschieden; ein Überwachungssystem sieht also womöglich etwas anderes als das Gerät.',
  'Part of the message is missing in the capture; only its beginning was read.':
    'Ein Teil der Nachricht fehlt im Mitschnitt; nur ihr Anfang wurde gelesen.',
  'Packets may be missing in the mirror, or someone forges answers to show the operator false values.':
    'Vielleicht fehlen Pakete im Spiegel, oder jemand fälscht Antworten, um den Bedienenden falsche Werte zu zeigen.',
  'The parts of the message contradict its length.': 'Die Teile der Nachricht widersprechen ihrer Länge.',
  'Look at the packets of this alert, and find out which program on the sending device made them.':
    'Sehen Sie sich die Pakete dieses Alarms an, und klären Sie, welches Programm auf dem sendenden Gerät sie gemacht hat.',

  'The sensor failed to read a connection': 'Der Sensor konnte eine Verbindung nicht lesen',
  'A fault in Fieldwatch stopped the analysis of one connection; all others go on. Please report it with the packets of this alert.':
    'Ein Fehler in Fieldwatch hat die Auswertung einer Verbindung beendet; alle anderen gehen weiter. Bitte melden Sie ihn mit den Paketen dieses Alarms.',
  'The answer does not fit the request': 'Die Antwort passt nicht zur Anfrage',
  'The device answered another operation than the one the sensor saw being asked. The answer shows what the device executed: the request that the sensor saw may have been a decoy.':
    'Das Gerät hat auf etwas anderes geantwortet als auf das, was der Sensor als Anfrage sah. Die Antwort zeigt, was das Gerät ausgeführt hat: Die gesehene Anfrage war womöglich ein Köder.',
  'Industrial protocol on an unusual port': 'Industrieprotokoll auf einem ungewöhnlichen Port',
  'An industrial protocol runs on a port that is not its own. It may be configured that way, or somebody hides traffic from monitoring that looks at ports only.':
    'Ein Industrieprotokoll läuft auf einem Port, der nicht seiner ist. Vielleicht ist es so eingestellt, oder jemand versteckt Verkehr vor einer Überwachung, die nur auf Ports sieht.',
  'Capture time runs backwards': 'Die Zeit des Mitschnitts läuft rückwärts',
  'A packet is older than the one before it. Analysis follows the latest time seen.':
    'Ein Paket ist älter als das vor ihm. Die Auswertung folgt der spätesten gesehenen Zeit.',
  'Capture time jumps by more than a day': 'Die Zeit des Mitschnitts springt um mehr als einen Tag',
  'Between two packets the capture time jumps by more than a day; time-based checks start anew.':
    'Zwischen zwei Paketen springt die Zeit des Mitschnitts um mehr als einen Tag; Prüfungen, die auf Zeit beruhen, beginnen neu.',

  // cotp
  'ISO transport header that class 0 does not have': 'ISO-Transportkopf, den es in Klasse 0 nicht gibt',
  'The header of a transport message is longer than its message, is numbered, or is of a kind that does not exist on this transport.':
    'Der Kopf einer Transportnachricht ist länger als die Nachricht, ist nummeriert oder von einer Art, die es auf diesem Transport nicht gibt.',
  'ISO transport message with an impossible length': 'ISO-Transportnachricht mit unmöglicher Länge',
  'The length in the TPKT header is shorter than any message.': 'Die Länge im TPKT-Kopf ist kürzer als jede Nachricht.',
  'Damaged connection request of the ISO transport': 'Beschädigte Verbindungsanfrage des ISO-Transports',
  'A parameter of a connection request or confirmation is longer than the message.':
    'Ein Parameter einer Verbindungsanfrage oder -bestätigung ist länger als die Nachricht.',
  'Bytes on an ISO transport connection that are no message':
    'Bytes auf einer ISO-Transportverbindung, die keine Nachricht sind',
  'A connection of the ISO transport (S7 and others) carries something else.':
    'Eine Verbindung des ISO-Transports (S7 und andere) trägt etwas anderes.',
  'ISO transport message that does not end': 'ISO-Transportnachricht ohne Ende',
  'A message came in more pieces, or became longer, than any real one; the pieces were let go.':
    'Eine Nachricht kam in mehr Teilen oder wurde länger als jede echte; die Teile wurden verworfen.',
  'ISO transport message known only in part': 'ISO-Transportnachricht nur zum Teil bekannt',
  'ISO transport message that was never finished': 'ISO-Transportnachricht, die nie fertig wurde',
  'The connection ended, or a new one was requested on it, although the rest of a message was still to come.':
    'Die Verbindung endete, oder auf ihr wurde eine neue verlangt, obwohl der Rest einer Nachricht noch ausstand.',

  // decode
  'Damaged IPv4 header': 'Beschädigter IPv4-Kopf',
  'The lengths in the IPv4 header contradict each other or the packet, so receivers drop it.':
    'Die Längen im IPv4-Kopf widersprechen einander oder dem Paket; Empfänger verwerfen es deshalb.',
  'Invalid IPv4 option': 'Ungültige IPv4-Option',
  'The IPv4 options are malformed. Receivers drop such a packet; a monitor that reads it would be deceived, so its content was not used.':
    'Die IPv4-Optionen sind fehlerhaft. Empfänger verwerfen so ein Paket; wer es beim Mithören liest, würde getäuscht. Sein Inhalt wurde deshalb nicht verwendet.',
  'Damaged IPv6 header': 'Beschädigter IPv6-Kopf',
  'The lengths in the IPv6 header or an extension header contradict each other or the packet.':
    'Die Längen im IPv6-Kopf oder einem Erweiterungskopf widersprechen einander oder dem Paket.',
  'Damaged TCP header': 'Beschädigter TCP-Kopf',
  'The TCP header contradicts the length of its packet.': 'Der TCP-Kopf widerspricht der Länge seines Pakets.',
  'Damaged UDP header': 'Beschädigter UDP-Kopf',
  'The UDP length contradicts the length of its packet.': 'Die UDP-Länge widerspricht der Länge ihres Pakets.',
  'Overlapping IP fragments with different content': 'Überlappende IP-Fragmente mit verschiedenem Inhalt',
  'Two fragments of one packet claim the same place with different bytes. Normal senders never do this; it is a known way to show a monitor other content than the device. Both readings were analysed.':
    'Zwei Fragmente eines Pakets beanspruchen dieselbe Stelle mit verschiedenen Bytes. Gewöhnliche Sender tun das nie; so zeigt man einem Überwachungssystem anderes als dem Gerät. Beide Lesarten wurden ausgewertet.',
  'Too many incomplete IP fragments': 'Zu viele unvollständige IP-Fragmente',
  'More packets are being fragmented at the same time than the sensor keeps; the oldest were let go.':
    'Es sind mehr Pakete zugleich zerlegt unterwegs, als der Sensor aufhebt; die ältesten wurden verworfen.',
  'IP fragments that were never completed': 'IP-Fragmente, die nie vollständig wurden',
  'Fragments of a packet arrived, but never all of them, so the packet could not be read.':
    'Von einem Paket kamen Fragmente an, aber nie alle; es konnte deshalb nicht gelesen werden.',
  'IP fragments larger than any packet': 'IP-Fragmente, größer als jedes Paket',
  'Fragments add up to more than the 65,535 bytes that an IP packet may have ("ping of death").':
    'Die Fragmente ergeben zusammen mehr als die 65.535 Bytes, die ein IP-Paket haben darf („Ping of Death“).',
  'Empty IP fragment': 'Leeres IP-Fragment',
  'A fragment without content serves no purpose in normal traffic.':
    'Ein Fragment ohne Inhalt hat in gewöhnlichem Verkehr keinen Zweck.',
  'Packet larger than the network can carry': 'Paket, größer als das Netz es befördern kann',
  'The capturing network card merges packets before the sensor sees them (GRO/LRO/TSO). Analysis goes on; switch the offload off for exact packet evidence.':
    'Die mitschneidende Netzkarte fügt Pakete zusammen, bevor der Sensor sie sieht (GRO/LRO/TSO). Die Auswertung geht weiter; schalten Sie das ab, wenn Sie die Pakete genau als Beleg brauchen.',
  'Packet with too many nested headers': 'Paket mit zu vielen ineinanderliegenden Köpfen',
  'The packet nests more tunnels or VLAN tags than any plant network needs; what is inside was not read. This can be an attempt to hide traffic from monitoring.':
    'Das Paket enthält mehr Tunnel oder VLAN-Markierungen, als irgendein Anlagennetz braucht; was darin ist, wurde nicht gelesen. So kann man Verkehr vor der Überwachung verstecken.',
  'Packet cut short by the capture': 'Paket vom Mitschnitt abgeschnitten',
  'The capture kept only the beginning of this packet (snap length), so its content is known only in part. Raise the snap length of the capture.':
    'Der Mitschnitt hat nur den Anfang dieses Pakets behalten (Snap Length); sein Inhalt ist also nur zum Teil bekannt. Stellen Sie die Länge größer ein.',
  'More connections than the sensor keeps': 'Mehr Verbindungen, als der Sensor aufhebt',
  'The table of connections is full; the ones idle longest, and never answered ones first, were let go.':
    'Die Tabelle der Verbindungen ist voll; verworfen wurden zuerst nie beantwortete, dann die am längsten ruhenden.',

  // mms
  'Damaged MMS message': 'Beschädigte MMS-Nachricht',
  'The parts of an IEC 61850 or ICCP message contradict its length.':
    'Die Teile einer IEC-61850- oder ICCP-Nachricht widersprechen ihrer Länge.',

  // modbus
  'Modbus request beyond the last address': 'Modbus-Anfrage über die letzte Adresse hinaus',
  'Address and quantity reach beyond 65,535.': 'Adresse und Anzahl reichen über 65.535 hinaus.',
  'Modbus coil written with an undefined value': 'Modbus-Ausgang mit einem nicht definierten Wert geschrieben',
  'A coil can only be written with FF00 (on) or 0000 (off).':
    'Ein Ausgang (Coil) lässt sich nur mit FF00 (ein) oder 0000 (aus) schreiben.',
  'Modbus RTU message with a wrong checksum': 'Modbus-RTU-Nachricht mit falscher Prüfsumme',
  'The checksum of a serial-style Modbus message is wrong; devices drop it.':
    'Die Prüfsumme einer Modbus-Nachricht in serieller Form ist falsch; Geräte verwerfen sie.',
  'Impossible Modbus function code': 'Unmöglicher Modbus-Funktionscode',
  'Function code 0, and codes from 128 in a request, do not exist.':
    'Den Funktionscode 0 und Codes ab 128 in einer Anfrage gibt es nicht.',
  'Modbus message with an impossible length': 'Modbus-Nachricht mit unmöglicher Länge',
  'The header states a length that no Modbus message can have.':
    'Der Kopf nennt eine Länge, die keine Modbus-Nachricht haben kann.',
  'Modbus message with a wrong protocol number': 'Modbus-Nachricht mit falscher Protokollnummer',
  'The protocol identifier in the header is not 0.': 'Die Protokollnummer im Kopf ist nicht 0.',
  'Damaged Modbus file record or object list': 'Beschädigter Modbus-Dateisatz oder beschädigte Objektliste',
  'Modbus message with a wrong byte count': 'Modbus-Nachricht mit falscher Bytezahl',
  "The byte count contradicts the quantity or the message's length.":
    'Die Bytezahl widerspricht der Anzahl oder der Länge der Nachricht.',
  'Bytes on a Modbus connection that are not Modbus': 'Bytes auf einer Modbus-Verbindung, die kein Modbus sind',
  'A Modbus connection carries something else.': 'Eine Modbus-Verbindung trägt etwas anderes.',
  'Modbus message whose length is wrong': 'Modbus-Nachricht mit falscher Länge',
  'The length in the header differs from what the function needs.':
    'Die Länge im Kopf ist eine andere, als die Funktion braucht.',
  'Modbus message hidden inside another one': 'Modbus-Nachricht in einer anderen versteckt',
  'Behind a harmless message, but inside its stated length, stands a second complete message. Some devices execute it, while most monitors show only the first one.':
    'Hinter einer harmlosen Nachricht, aber innerhalb ihrer angegebenen Länge, steht eine zweite vollständige Nachricht. Manche Geräte führen sie aus, während die meisten Überwachungssysteme nur die erste zeigen.',
  'Modbus request for more than the protocol allows': 'Modbus-Anfrage nach mehr, als das Protokoll erlaubt',
  'The request names zero or more items than one message may carry.':
    'Die Anfrage nennt null Elemente, oder mehr, als eine Nachricht tragen darf.',
  'Many Modbus requests without an answer': 'Viele Modbus-Anfragen ohne Antwort',
  'A client sends requests faster than the device answers, which can overload it.':
    'Ein Client sendet schneller Anfragen, als das Gerät antwortet; das kann es überlasten.',
  'Modbus message known only in part': 'Modbus-Nachricht nur zum Teil bekannt',
  'Modbus answer that nobody asked for': 'Modbus-Antwort, nach der niemand gefragt hat',
  'A server answered without a request.': 'Ein Server hat ohne Anfrage geantwortet.',

  // opcua
  'OPC UA message with an undefined chunk type': 'OPC-UA-Nachricht mit nicht definierter Art von Teilstück',
  'Chunks are final, intermediate or aborting; this one is none of these.':
    'Teilstücke sind letzte, mittlere oder abbrechende; dieses ist nichts davon.',
  'OPC UA message with an impossible size': 'OPC-UA-Nachricht mit unmöglicher Größe',
  'The header states a size that no message can have, or more than both ends agreed on.':
    'Der Kopf nennt eine Größe, die keine Nachricht haben kann, oder mehr, als beide Seiten vereinbart haben.',
  'OPC UA message of another channel': 'OPC-UA-Nachricht eines anderen Kanals',
  'The message names a secure channel or token that this connection does not have. Servers refuse it; it may be an attempt to take over a connection.':
    'Die Nachricht nennt einen Sicherheitskanal oder ein Token, das diese Verbindung nicht hat. Server lehnen sie ab; vielleicht versucht jemand, eine Verbindung zu übernehmen.',
  'Bytes on an OPC UA connection that are not OPC UA': 'Bytes auf einer OPC-UA-Verbindung, die kein OPC UA sind',
  'An OPC UA connection carries something else.': 'Eine OPC-UA-Verbindung trägt etwas anderes.',
  'OPC UA message with bytes behind its end': 'OPC-UA-Nachricht mit Bytes hinter ihrem Ende',
  'The message goes on where its service has ended.': 'Die Nachricht geht weiter, wo ihr Dienst zu Ende ist.',
  'Damaged OPC UA message': 'Beschädigte OPC-UA-Nachricht',
  'OPC UA message of extreme size': 'OPC-UA-Nachricht von außerordentlicher Größe',
  'A message in many parts became larger than any that a plant needs; its beginning was read. It may be meant to exhaust the memory of the receiver.':
    'Eine Nachricht in vielen Teilen wurde größer als jede, die eine Anlage braucht; ihr Anfang wurde gelesen. Vielleicht soll sie den Speicher des Empfängers erschöpfen.',
  'OPC UA state that found no room': 'OPC-UA-Zustand, der keinen Platz fand',
  'A connection names more nodes, or begins more messages, than the sensor keeps. Some values will appear without the names of their nodes.':
    'Eine Verbindung nennt mehr Knoten oder beginnt mehr Nachrichten, als der Sensor aufhebt. Einige Werte erscheinen ohne die Namen ihrer Knoten.',
  'Password readable on the network': 'Passwort im Netz lesbar',
  'A user logged in with a password that was sent without encryption: whoever can read this network knows it now. Change the password, and let the server offer only encrypted user tokens.':
    'Jemand hat sich mit einem Passwort angemeldet, das unverschlüsselt gesendet wurde: Wer in diesem Netz mitliest, kennt es jetzt. Ändern Sie das Passwort, und lassen Sie den Server nur verschlüsselte Anmeldungen anbieten.',
  'Many OPC UA requests without an answer': 'Viele OPC-UA-Anfragen ohne Antwort',
  'A client sends requests faster than the server answers, which can overload it.':
    'Ein Client sendet schneller Anfragen, als der Server antwortet; das kann ihn überlasten.',
  'OPC UA messages out of sequence': 'OPC-UA-Nachrichten außer der Reihe',
  'The sequence numbers of a channel do not follow one another. Messages were inserted, repeated or removed, or the mirror lost some.':
    'Die Folgenummern eines Kanals schließen nicht aneinander an. Nachrichten wurden eingefügt, wiederholt oder entfernt, oder der Spiegel hat welche verloren.',
  'OPC UA message nested without end': 'OPC-UA-Nachricht, endlos verschachtelt',
  'Values lie in values more than a hundred times. Such messages are made to exhaust the memory of servers.':
    'Werte liegen mehr als hundertfach in Werten. Solche Nachrichten sollen den Speicher von Servern erschöpfen.',
  'OPC UA message known only in part': 'OPC-UA-Nachricht nur zum Teil bekannt',
  'Unknown OPC UA service': 'Unbekannter OPC-UA-Dienst',
  'The message names a service that the standard does not have.':
    'Die Nachricht nennt einen Dienst, den es in der Norm nicht gibt.',
  'OPC UA answer that nobody asked for': 'OPC-UA-Antwort, nach der niemand gefragt hat',

  // s7comm
  'S7 message with damaged data': 'S7-Nachricht mit beschädigten Daten',
  'The values in the message contradict its length or the number of its items.':
    'Die Werte in der Nachricht widersprechen ihrer Länge oder der Zahl ihrer Elemente.',
  'S7 message with a damaged header': 'S7-Nachricht mit beschädigtem Kopf',
  'The header is too short, or names a message type that does not exist.':
    'Der Kopf ist zu kurz oder nennt eine Nachrichtenart, die es nicht gibt.',
  'S7 message with a damaged address list': 'S7-Nachricht mit beschädigter Adressliste',
  "The list of addresses to read or write contradicts the message's length or the number of its items.":
    'Die Liste der zu lesenden oder zu schreibenden Adressen widerspricht der Länge der Nachricht oder der Zahl ihrer Elemente.',
  'S7 message with damaged parameters': 'S7-Nachricht mit beschädigten Parametern',
  'The parameters of the message contradict its length.': 'Die Parameter der Nachricht widersprechen ihrer Länge.',
  'Controller password sent in a readable form': 'Passwort einer Steuerung lesbar gesendet',
  'The password of the controller crossed the network in a form that anybody who records the traffic can turn back into the password. Change it, and restrict who can reach the controller.':
    'Das Passwort der Steuerung ging in einer Form durchs Netz, aus der jeder, der mitschneidet, es zurückgewinnen kann. Ändern Sie es, und beschränken Sie, wer die Steuerung erreicht.',
  'S7 message whose length is wrong': 'S7-Nachricht mit falscher Länge',
  "The lengths in the header differ from the message's own.":
    'Die Längen im Kopf sind andere als die der Nachricht selbst.',
  'S7 message longer than was agreed': 'S7-Nachricht, länger als vereinbart',
  'The message is longer than the size that both sides agreed on when they connected.':
    'Die Nachricht ist länger, als beide Seiten beim Verbinden vereinbart haben.',
  'Many S7 requests without an answer': 'Viele S7-Anfragen ohne Antwort',
  'A client sends requests faster than the controller answers, which can overload it.':
    'Ein Client sendet schneller Anfragen, als die Steuerung antwortet; das kann sie überlasten.',
  'S7 message known only in part': 'S7-Nachricht nur zum Teil bekannt',
  'S7 answer that nobody asked for': 'S7-Antwort, nach der niemand gefragt hat',
  'A controller answered without a request.': 'Eine Steuerung hat ohne Anfrage geantwortet.',

  // s7comm_plus
  'S7comm-plus message without its digest': 'S7comm-plus-Nachricht ohne ihre Prüfsumme',
  'Messages of version 3 begin with a digest of 32 bytes; this one does not.':
    'Nachrichten der Version 3 beginnen mit einer Prüfsumme von 32 Bytes; diese nicht.',
  'S7comm-plus message of unknown kind': 'S7comm-plus-Nachricht unbekannter Art',
  'The message is neither a request, nor an answer, nor a notification.':
    'Die Nachricht ist weder Anfrage noch Antwort noch Mitteilung.',
  'S7comm-plus message with a wrong end': 'S7comm-plus-Nachricht mit falschem Ende',
  'The last four bytes do not repeat the header as they must.':
    'Die letzten vier Bytes wiederholen den Kopf nicht, wie sie müssten.',
  'Unknown version of S7comm-plus': 'Unbekannte Version von S7comm-plus',
  'The header names a version of the protocol that is not known. A newer controller may speak it, or somebody tries what the device does with it.':
    'Der Kopf nennt eine unbekannte Version des Protokolls. Vielleicht spricht eine neuere Steuerung sie, oder jemand probiert, was das Gerät damit macht.',
  'Bytes on an S7comm-plus connection that are not S7comm-plus':
    'Bytes auf einer S7comm-plus-Verbindung, die kein S7comm-plus sind',
  'An S7comm-plus connection carries something else.': 'Eine S7comm-plus-Verbindung trägt etwas anderes.',
  'S7comm-plus message whose length is wrong': 'S7comm-plus-Nachricht mit falscher Länge',
  'The length in the header does not fit what was sent.': 'Die Länge im Kopf passt nicht zu dem, was gesendet wurde.',
  'Damaged S7comm-plus message': 'Beschädigte S7comm-plus-Nachricht',
  'The parts of the message contradict its length, or are nested deeper than any controller does.':
    'Die Teile der Nachricht widersprechen ihrer Länge oder sind tiefer verschachtelt, als irgendeine Steuerung es macht.',
  'Bytes behind the end of an S7comm-plus message': 'Bytes hinter dem Ende einer S7comm-plus-Nachricht',
  'Behind all that belongs to the message stand further bytes. They may belong to a newer version of the protocol, or hide something.':
    'Hinter allem, was zur Nachricht gehört, stehen weitere Bytes. Vielleicht gehören sie zu einer neueren Version des Protokolls, oder sie verstecken etwas.',
  'S7comm-plus message too long to be put together': 'S7comm-plus-Nachricht, zu lang zum Zusammensetzen',
  'A message came in more or larger parts than any known controller or tool sends; its parts are reported one by one.':
    'Eine Nachricht kam in mehr oder größeren Teilen, als irgendeine bekannte Steuerung oder Software sendet; ihre Teile werden einzeln gemeldet.',
  'S7comm-plus message known only in part': 'S7comm-plus-Nachricht nur zum Teil bekannt',
  'Part of the message is missing in the capture; only what is there was read.':
    'Ein Teil der Nachricht fehlt im Mitschnitt; nur was da ist, wurde gelesen.',
  'S7comm-plus message read in part': 'S7comm-plus-Nachricht nur zum Teil gelesen',
  'The message holds a kind of data that Fieldwatch does not know; what stands before it was read.':
    'Die Nachricht enthält eine Art von Daten, die Fieldwatch nicht kennt; was davor steht, wurde gelesen.',
  'S7comm-plus answer that nobody asked for': 'S7comm-plus-Antwort, nach der niemand gefragt hat',

  // stream
  'Packet with a wrong checksum': 'Paket mit falscher Prüfsumme',
  'Receivers drop packets with a wrong checksum; a monitor that reads them would be deceived, so the content was not used.':
    'Empfänger verwerfen Pakete mit falscher Prüfsumme; wer sie beim Mithören liest, würde getäuscht. Der Inhalt wurde deshalb nicht verwendet.',
  'Checksums are filled in by the network card': 'Prüfsummen füllt erst die Netzkarte aus',
  'The capture was taken on one of the two machines, before its network card computes checksums; they are not checked for it.':
    'Der Mitschnitt entstand auf einem der beiden Rechner, bevor dessen Netzkarte die Prüfsummen berechnet; für ihn werden sie nicht geprüft.',
  'Data after a connection reset': 'Daten nach dem Abbruch einer Verbindung',
  'A connection carries data although it was reset. The reset was probably seen by the monitor only.':
    'Eine Verbindung trägt Daten, obwohl sie abgebrochen wurde. Den Abbruch hat vermutlich nur das Überwachungssystem gesehen.',
  'Data in the opening packet of a connection': 'Daten im ersten Paket einer Verbindung',
  'The first packet of the connection already carries data. Hardly any industrial device supports that.':
    'Schon das erste Paket der Verbindung trägt Daten. Kaum ein Industriegerät kann damit umgehen.',
  'Forged end of connection': 'Gefälschtes Verbindungsende',
  'A packet that ends the connection does not fit it, so the device ignores it. It may have been sent to make a monitor stop watching.':
    'Ein Paket, das die Verbindung beendet, passt nicht zu ihr; das Gerät beachtet es deshalb nicht. Vielleicht soll es ein Überwachungssystem dazu bringen, nicht mehr hinzusehen.',
  'Part of a connection was not seen': 'Ein Teil einer Verbindung war nicht zu sehen',
  'Packets of this connection are missing in what the sensor received. Operations in the gap are unknown.':
    'Pakete dieser Verbindung fehlen in dem, was der Sensor bekam. Was in der Lücke geschah, ist unbekannt.',
  'The mirror port delivers packets twice': 'Der Spiegelport liefert Pakete doppelt',
  'Many packets arrive more than once, usually because the mirror copies them both on entering and on leaving the switch. They are counted once.':
    'Viele Pakete kommen mehrfach an, meist weil der Spiegel sie beim Eintritt in den Switch und beim Austritt kopiert. Sie werden einmal gezählt.',
  'Packet with an outdated timestamp': 'Paket mit veraltetem Zeitstempel',
  'The TCP timestamp is older than the connection, so the device drops the packet; its content was not used.':
    'Der TCP-Zeitstempel ist älter als die Verbindung; das Gerät verwirft das Paket deshalb. Sein Inhalt wurde nicht verwendet.',
  'Only one direction of a connection is visible': 'Nur eine Richtung einer Verbindung ist zu sehen',
  'The sensor sees what one side sends but not the answers. Check that the mirror port copies both directions.':
    'Der Sensor sieht, was eine Seite sendet, aber nicht die Antworten. Prüfen Sie, ob der Spiegelport beide Richtungen kopiert.',
  'Two contradicting versions of the same data': 'Zwei widersprüchliche Fassungen derselben Daten',
  'Two packets claim the same place in a connection with different content. One of them was meant to deceive either the device or the monitor; both readings were analysed.':
    'Zwei Pakete beanspruchen dieselbe Stelle einer Verbindung mit verschiedenem Inhalt. Eines davon sollte das Gerät oder die Überwachung täuschen; beide Lesarten wurden ausgewertet.',
  'Too much data out of order': 'Zu viele Daten außer der Reihe',
  'A connection has more data waiting for a missing piece than the sensor keeps; analysis went on behind the gap.':
    'Bei einer Verbindung warten mehr Daten auf ein fehlendes Stück, als der Sensor aufhebt; die Auswertung ging hinter der Lücke weiter.',
  'Repeated data differs from the first time': 'Wiederholte Daten sind anders als beim ersten Mal',
  'Data that had already been acknowledged was sent again with other content. The device has most likely used the first version; both readings were analysed.':
    'Schon bestätigte Daten wurden mit anderem Inhalt noch einmal gesendet. Das Gerät hat sehr wahrscheinlich die erste Fassung benutzt; beide Lesarten wurden ausgewertet.',
  'Forged connection reset': 'Gefälschter Verbindungsabbruch',
  'A reset packet does not fit its connection, so the device ignores it. It may have been sent to make a monitor stop watching.':
    'Ein Abbruchpaket passt nicht zu seiner Verbindung; das Gerät beachtet es deshalb nicht. Vielleicht soll es ein Überwachungssystem dazu bringen, nicht mehr hinzusehen.',
  'Unusual way of opening a connection': 'Ungewöhnlicher Verbindungsaufbau',
  'Both sides opened the connection (split handshake). It is legal but unused, and known for confusing monitors about who is client and who is server.':
    'Beide Seiten haben die Verbindung geöffnet (Split Handshake). Das ist erlaubt, aber unüblich, und bekannt dafür, dass es Überwachungssysteme verwirrt, wer Client und wer Server ist.',
  'Connection opened twice with different numbers': 'Verbindung zweimal mit verschiedenen Nummern geöffnet',
  'A second opening packet with another sequence number arrived on a connection that was already open.':
    'Auf einer schon offenen Verbindung kam ein zweites Eröffnungspaket mit anderer Folgenummer an.',
  'Data sent in one- or two-byte pieces': 'Daten in Stücken von einem oder zwei Bytes gesendet',
  'A connection carries its data in tiny pieces. Devices do not do this; it is a way to slip past monitoring that looks at single packets.':
    'Eine Verbindung trägt ihre Daten in winzigen Stücken. Geräte tun das nicht; so kommt man an einer Überwachung vorbei, die einzelne Pakete ansieht.',
  'Reset with an unusual hop count': 'Abbruch mit ungewöhnlicher Sprungzahl',
  "The hop count (TTL) of a reset differs from its sender's other packets: another machine may have sent it.":
    'Die Sprungzahl (TTL) eines Abbruchs ist eine andere als bei den übrigen Paketen seines Absenders: Vielleicht hat ihn ein anderer Rechner gesendet.',
  'Urgent byte inside a message': 'Dringendes Byte mitten in einer Nachricht',
  'A packet marks a byte as urgent. Devices differ in whether that byte belongs to the message, so both readings were analysed.':
    'Ein Paket kennzeichnet ein Byte als dringend. Ob dieses Byte zur Nachricht gehört, halten Geräte verschieden; beide Lesarten wurden deshalb ausgewertet.',
  'Data far ahead of its connection': 'Daten weit vor ihrer Verbindung',
  'Data came that is far ahead of everything else its connection carried, nobody confirmed it, and the connection never came to that place: most of the packets were lost, or this one was forged. It was read by itself.':
    'Es kamen Daten, die weit vor allem anderen liegen, was ihre Verbindung trug; niemand hat sie bestätigt, und die Verbindung kam nie an diese Stelle: Die meisten Pakete gingen verloren, oder dieses wurde gefälscht. Es wurde für sich gelesen.',
};
