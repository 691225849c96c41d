import type { Phrases } from '../phrases.js';

/** What the rules in rules/opcua say. */
export const opcuaRules: Phrases = {
  'OPC UA messages broken off again and again': 'OPC-UA-Nachrichten immer wieder abgebrochen',
  'Ten messages were aborted or answered with an error within a minute.':
    'Zehn Nachrichten wurden innerhalb einer Minute abgebrochen oder mit einem Fehler beantwortet.',
  'Alarms handled by a station that never did': 'Alarme von einer Station bearbeitet, die das nie tat',
  'Alarms were acknowledged, shelved, suppressed or disabled.':
    'Alarme wurden quittiert, zurückgestellt, unterdrückt oder abgeschaltet.',
  'Anonymous log-in at an OPC UA server': 'Anonyme Anmeldung an einem OPC-UA-Server',
  'A station that was not there during learning logged in without saying who it is.':
    'Eine Station, die beim Lernen nicht da war, hat sich angemeldet, ohne zu sagen, wer sie ist.',
  'Address space of an OPC UA server searched': 'Adressraum eines OPC-UA-Servers durchsucht',
  'A station that was not there during learning browsed fifty times within a minute: it makes itself a list of everything the server knows.':
    'Eine Station, die beim Lernen nicht da war, hat innerhalb einer Minute fünfzigmal im Adressraum geblättert: Sie macht sich eine Liste von allem, was der Server kennt.',
  'Method called that was never called': 'Methode aufgerufen, die nie aufgerufen wurde',
  'Methods start batches, open valves, reset counters. This station never called one here.':
    'Methoden starten Chargen, öffnen Ventile, setzen Zähler zurück. Diese Station hat hier nie eine aufgerufen.',
  'Certificate refused by an OPC UA peer': 'Zertifikat von einer OPC-UA-Gegenstelle abgelehnt',
  'A certificate was not accepted: expired, not trusted, or made for another application. After a renewal this is a mistake, at other times somebody who should not be there.':
    'Ein Zertifikat wurde nicht angenommen: abgelaufen, nicht vertraut oder für eine andere Anwendung gemacht. Nach einer Erneuerung ist das ein Versehen, sonst jemand, der nicht dort sein sollte.',
  'Certificates of an OPC UA server changed': 'Zertifikate eines OPC-UA-Servers geändert',
  'Whom the server trusts was changed: this can let an attacker in, or lock everybody out.':
    'Geändert wurde, wem der Server vertraut: Das kann einen Angreifer hereinlassen oder alle aussperren.',
  'OPC UA password in clear text': 'OPC-UA-Passwort im Klartext',
  'A password crossed the network without encryption. Whoever listens has it. It is not stored here.':
    'Ein Passwort ging ohne Verschlüsselung durchs Netz. Wer mithört, hat es. Hier wird es nicht gespeichert.',
  'OPC UA log-in with a delivered password': 'OPC-UA-Anmeldung mit einem mitgelieferten Passwort',
  'A user logged in without a password, or with one that is delivered with servers and tried first by everybody. It could be read, and was not stored here.':
    'Jemand hat sich ohne Passwort angemeldet oder mit einem, das mit Servern ausgeliefert wird und das alle zuerst versuchen. Es war lesbar und wurde hier nicht gespeichert.',
  'OPC UA servers searched by a new station': 'OPC-UA-Server von einer neuen Station gesucht',
  'A station that was not there during learning asks which servers and endpoints there are.':
    'Eine Station, die beim Lernen nicht da war, fragt, welche Server und Endpunkte es gibt.',
  'File transferred over OPC UA': 'Datei über OPC UA übertragen',
  'Files on OPC UA servers are programs, recipes or firmware. This station never transferred one.':
    'Dateien auf OPC-UA-Servern sind Programme, Rezepte oder Firmware. Diese Station hat nie eine übertragen.',
  'OPC UA from a public address': 'OPC UA von einer öffentlichen Adresse',
  'A station with a public address speaks OPC UA to a device of the plant. Whoever can reach it from there can operate it: OPC UA asks for no password unless the server insists.':
    'Eine Station mit öffentlicher Adresse spricht OPC UA mit einem Gerät der Anlage. Wer es von dort erreicht, kann es bedienen: OPC UA fragt nur nach einem Passwort, wenn der Server darauf besteht.',
  'History read in bulk by a new station': 'Verläufe in großen Mengen von einer neuen Station gelesen',
  'A station that was not there during learning read history twenty times within a minute.':
    'Eine Station, die beim Lernen nicht da war, hat innerhalb einer Minute zwanzigmal Verläufe gelesen.',
  'History of values changed': 'Aufgezeichnete Werte geändert',
  'Past values were inserted, replaced or deleted by a station that never did this. Reports and investigations rest on them.':
    'Vergangene Werte wurden eingefügt, ersetzt oder gelöscht, von einer Station, die das nie tat. Berichte und Untersuchungen stützen sich darauf.',
  'Process values subscribed by a new station': 'Prozesswerte von einer neuen Station abonniert',
  'A station that was not there during learning has itself sent process values all the time.':
    'Eine Station, die beim Lernen nicht da war, lässt sich laufend Prozesswerte senden.',
  'OPC UA channel without any security': 'OPC-UA-Kanal ohne jede Absicherung',
  'Two stations that were not learned opened a channel that is neither signed nor encrypted: everybody on the way can read and change what is said.':
    'Zwei Stationen, bei denen es nicht gelernt wurde, haben einen Kanal geöffnet, der weder signiert noch verschlüsselt ist: Jeder auf dem Weg kann mitlesen und ändern.',
  'Address space of an OPC UA server changed': 'Adressraum eines OPC-UA-Servers geändert',
  'Nodes or references were added or deleted: clients may get other values under the same names.':
    'Knoten oder Verweise wurden hinzugefügt oder gelöscht: Clients bekommen unter denselben Namen womöglich andere Werte.',
  'OPC UA channel with outdated cryptography': 'OPC-UA-Kanal mit veralteter Verschlüsselung',
  'Basic128Rsa15 and Basic256 rest on SHA-1 and are withdrawn by the OPC Foundation.':
    'Basic128Rsa15 und Basic256 beruhen auf SHA-1; die OPC Foundation hat sie zurückgezogen.',
  'Log-ins at an OPC UA server tried out': 'Anmeldungen an einem OPC-UA-Server ausprobiert',
  'Five log-ins were refused within a minute.': 'Fünf Anmeldungen wurden innerhalb einer Minute abgelehnt.',
  'Log-ins tried, server searched, values written (as PIPEDREAM does)':
    'Anmeldungen probiert, Server durchsucht, Werte geschrieben (wie PIPEDREAM)',
  'The same station had log-ins refused, browsed the server and wrote values within ten minutes. The OPC UA part of the attack tool PIPEDREAM works in these steps.':
    'Bei derselben Station wurden innerhalb von zehn Minuten Anmeldungen abgelehnt, sie hat den Server durchsucht und Werte geschrieben. Der OPC-UA-Teil des Angriffswerkzeugs PIPEDREAM geht in diesen Schritten vor.',
  'Program of an OPC UA server started or stopped': 'Programm eines OPC-UA-Servers gestartet oder angehalten',
  'A program was started, halted or reset by a station that never did this.':
    'Ein Programm wurde gestartet, angehalten oder zurückgesetzt, von einer Station, die das nie tat.',
  'OPC UA server queried by a new station': 'OPC-UA-Server von einer neuen Station abgefragt',
  'A station that was not there during learning searches the server with queries.':
    'Eine Station, die beim Lernen nicht da war, durchsucht den Server mit Abfragen.',
  'OPC UA server refuses many requests of one station': 'OPC-UA-Server lehnt viele Anfragen einer Station ab',
  'Twenty requests were refused within a minute: the station asks for things it may not do or that do not exist.':
    'Zwanzig Anfragen wurden innerhalb einer Minute abgelehnt: Die Station verlangt, was sie nicht darf oder was es nicht gibt.',
  'OPC UA server calls a client it never called': 'OPC-UA-Server ruft einen Client, den er nie rief',
  'A server opened the connection to a client. Through firewalls this is intended; from an unknown server it is a way in.':
    'Ein Server hat die Verbindung zu einem Client geöffnet. Durch Firewalls hindurch ist das so gedacht; von einem unbekannten Server ist es ein Weg herein.',
  'OPC UA server registered by a new station': 'OPC-UA-Server von einer neuen Station angemeldet',
  'A station that was not there during learning announces itself as a server. Clients may connect to it instead of the real one.':
    'Eine Station, die beim Lernen nicht da war, gibt sich als Server bekannt. Clients verbinden sich womöglich mit ihr statt mit dem echten.',
  'State of an OPC UA server changed': 'Zustand eines OPC-UA-Servers geändert',
  'The server was told to shut down, restart or change its state.':
    'Der Server sollte herunterfahren, neu starten oder seinen Zustand ändern.',
  'Sessions of an OPC UA server used up': 'Sitzungen eines OPC-UA-Servers aufgebraucht',
  'Twenty sessions were asked for within a minute. When none is left, the real clients are locked out.':
    'Innerhalb einer Minute wurden zwanzig Sitzungen verlangt. Ist keine mehr frei, sind die echten Clients ausgesperrt.',
  'Subscriptions taken over': 'Abonnements übernommen',
  'A station took over the subscriptions of another session; the other one gets no values any more.':
    'Eine Station hat die Abonnements einer anderen Sitzung übernommen; jene bekommt keine Werte mehr.',
  'OPC UA server has no session left': 'OPC-UA-Server hat keine Sitzung mehr frei',
  'The server refused a client because it already serves as many as it can.':
    'Der Server hat einen Client abgelehnt, weil er schon so viele bedient, wie er kann.',
  'Unknown OPC UA service asked for': 'Unbekannten OPC-UA-Dienst verlangt',
  'The service is in no part of the standard. Fuzzers do this.':
    'Der Dienst steht in keinem Teil der Norm. Fuzzer tun das.',
  'Users or roles of an OPC UA server changed': 'Benutzer oder Rollen eines OPC-UA-Servers geändert',
  'Who may do what on the server was changed.': 'Geändert wurde, wer auf dem Server was darf.',
  'OPC UA write from another zone': 'OPC-UA-Schreibzugriff aus einer anderen Zone',
  'Attributes of OPC UA nodes changed': 'Attribute von OPC-UA-Knoten geändert',
  'Not a value but its description, access rights or history were changed.':
    'Geändert wurde kein Wert, sondern dessen Beschreibung, Zugriffsrechte oder Aufzeichnung.',
  'OPC UA write from a public address': 'OPC-UA-Schreibzugriff von einer öffentlichen Adresse',
  'Values written by a new OPC UA client': 'Werte von einem neuen OPC-UA-Client geschrieben',
  'A station that was not there during learning changes values of the process.':
    'Eine Station, die beim Lernen nicht da war, ändert Werte des Prozesses.',
};
