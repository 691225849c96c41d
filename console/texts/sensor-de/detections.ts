import type { Phrases } from '../phrases.js';

/** What deviation models and checks say. */
export const detections: Phrases = {
  // Parts of sentences
  '{0} and others': '{0} und andere',
  '{0} and {1} more': '{0} und {1} weitere',
  '{0} and many more': '{0} und viele weitere',
  'unit {0} of {1}': 'Gerät {0} hinter {1}',
  '{0} kinds of operations': '{0} Arten von Vorgängen',
  'From {0}: {1}': 'Von {0}: {1}',
  '{0} times within {1} seconds': '{0}-mal innerhalb von {1} Sekunden',
  '{0} different values within {1} seconds': '{0} verschiedene Werte innerhalb von {1} Sekunden',
  '{0} of the events within {1} seconds': '{0} der Ereignisse innerhalb von {1} Sekunden',
  '{0} of the events, in their order within {1} seconds':
    '{0} der Ereignisse in ihrer Reihenfolge innerhalb von {1} Sekunden',
  '{0} in sum within {1} seconds': 'zusammen {0} innerhalb von {1} Sekunden',
  '{0} on average within {1} seconds': 'im Mittel {0} innerhalb von {1} Sekunden',
  '{0} at the percentile within {1} seconds': '{0} im Perzentil innerhalb von {1} Sekunden',
  '{0} as the median within {1} seconds': '{0} im Median innerhalb von {1} Sekunden',

  // Briefly learned
  'Less than an hour of this value had been learned, so the process may go there on its own: let the sensor learn for longer. Where it matters, compare with a second instrument on site.':
    'Von diesem Wert war weniger als eine Stunde gelernt; der Prozess kann also von selbst dorthin kommen: Lassen Sie den Sensor länger lernen. Wo es darauf ankommt, vergleichen Sie mit einem zweiten Instrument vor Ort.',
  'Only {0} minutes of this conversation had been learned, so it may be ordinary work that was not seen yet.':
    'Von dieser Verbindung waren erst {0} Minuten gelernt; es kann also gewöhnliche Arbeit sein, die noch nicht zu sehen war.',
  'Only a minute of this conversation had been learned, so it may be ordinary work that was not seen yet.':
    'Von dieser Verbindung war erst eine Minute gelernt; es kann also gewöhnliche Arbeit sein, die noch nicht zu sehen war.',

  // device-silent
  'Device does not answer any more': 'Gerät antwortet nicht mehr',
  'A device that is still asked, but does not answer any more.':
    'Ein Gerät, das noch gefragt wird, aber nicht mehr antwortet.',
  '{0} has answered none of {1} requests of {2} since {3}. Whoever depends on its values is blind.':
    '{0} hat seit {3} keine von {1} Anfragen von {2} beantwortet. Wer seine Werte braucht, ist blind.',
  'An answer to each request ({0} requests were seen before).':
    'Eine Antwort auf jede Anfrage (vorher waren {0} Anfragen zu sehen).',
  '{0} requests without an answer since {1}.': '{0} Anfragen ohne Antwort seit {1}.',
  'Look at the device on site: whether it runs, and whether its communication was switched off. Look at the alerts just before this one for what may have silenced it.':
    'Sehen Sie vor Ort nach dem Gerät: ob es läuft und ob seine Kommunikation abgeschaltet wurde. In den Alarmen kurz vor diesem steht womöglich, was es verstummen ließ.',

  // identity-changed
  'Firmware of a device changed': 'Firmware eines Geräts geändert',
  'A device says it is another one': 'Ein Gerät gibt sich als ein anderes aus',
  'Firmware, serial number or model of a device differ from what it said before.':
    'Firmware, Seriennummer oder Modell eines Geräts sind andere, als es vorher sagte.',
  '{0}: the {1} was "{2}" until {3}, and is "{4}" now ({5}).':
    '{0}: Angabe {1} war bis {3} „{2}“ und ist jetzt „{4}“ ({5}).',
  '{1} "{0}", as it was last told at {2}.': '{1} „{0}“, zuletzt so genannt {2}.',
  '{1} "{0}" ({2})': '{1} „{0}“ ({2})',
  firmware: 'Firmware',
  'serial number': 'Seriennummer',
  model: 'Modell',
  'order number': 'Bestellnummer',
  'hardware revision': 'Hardwarestand',
  "Ask whether an update was planned. If not, compare the firmware with the maker's before the device goes on controlling.":
    'Fragen Sie, ob eine Aktualisierung geplant war. Wenn nicht, vergleichen Sie die Firmware mit der des Herstellers, bevor das Gerät weiter steuert.',
  'Ask whether the device was replaced. If not, look at the switch port: somebody may be answering in its place.':
    'Fragen Sie, ob das Gerät ersetzt wurde. Wenn nicht, sehen Sie nach dem Switch-Port: Vielleicht antwortet jemand an seiner Stelle.',

  // new-asset
  'New device on the network': 'Neues Gerät im Netz',
  'A device that was not on the network during learning.': 'Ein Gerät, das beim Lernen nicht im Netz war.',
  'A device that was never seen before communicates: {0}, network card {1}.':
    'Ein Gerät, das nie zu sehen war, spricht im Netz: {0}, Netzkarte {1}.',
  'A device that was never seen before communicates: {0}.': 'Ein Gerät, das nie zu sehen war, spricht im Netz: {0}.',
  'A device that was never seen before tells its neighbours that it is there: {0}, network card {1}. It has no address so far and talks to nobody; once it does, it is told of again.':
    'Ein Gerät, das nie zu sehen war, sagt seinen Nachbarn, dass es da ist: {0}, Netzkarte {1}. Es hat noch keine Adresse und spricht mit niemandem; sobald es das tut, wird es noch einmal gemeldet.',
  'A device that was never seen before tells its neighbours that it is there: {0}. It has no address so far and talks to nobody; once it does, it is told of again.':
    'Ein Gerät, das nie zu sehen war, sagt seinen Nachbarn, dass es da ist: {0}. Es hat noch keine Adresse und spricht mit niemandem; sobald es das tut, wird es noch einmal gemeldet.',
  'One of the {0} devices that were learned.': 'Eines der {0} gelernten Geräte.',
  'Find out whose device this is and whether it was announced. If it belongs here, approve it in the device list; if nobody knows it, disconnect it at the switch.':
    'Klären Sie, wessen Gerät das ist und ob es angekündigt war. Gehört es hierher, bestätigen Sie es in der Geräteliste; kennt es niemand, trennen Sie es am Switch vom Netz.',

  // new-conversation
  'New {0} connection to a controller': 'Neue {0}-Verbindung zu einer Steuerung',
  'New connection to or from the internet': 'Neue Verbindung ins Internet oder aus ihm',
  'New connection between two devices': 'Neue Verbindung zwischen zwei Geräten',
  'Two devices that did not talk to each other in this protocol during learning.':
    'Zwei Geräte, die beim Lernen in diesem Protokoll nicht miteinander sprachen.',
  '{0} talks to {1} in {2}. This pair was never seen doing that.':
    '{0} spricht mit {1} in {2}. Bei diesem Paar war das nie zu sehen.',
  '{0} (port {1})': '{0} (Port {1})',
  'It has {0} such new connections.': 'Es hat {0} solche neuen Verbindungen.',
  'No such conversation in the baseline.': 'Keine solche Verbindung im Normalzustand.',
  'Ask the people responsible for the controller whether this station may read from it. Look at the operations of this conversation to see what it does.':
    'Fragen Sie die Verantwortlichen der Steuerung, ob diese Station von ihr lesen darf. Was sie tut, steht bei den Vorgängen dieser Verbindung.',
  'Ask who needs this connection out of the plant. If nobody does, close the way at the firewall.':
    'Fragen Sie, wer diese Verbindung aus der Anlage heraus braucht. Braucht sie niemand, schließen Sie den Weg an der Firewall.',
  'Check whether these devices are meant to communicate. If so, accept it; if not, close the way between them.':
    'Prüfen Sie, ob diese Geräte miteinander sprechen sollen. Wenn ja, nehmen Sie es als normal an; wenn nicht, schließen Sie den Weg zwischen ihnen.',

  // new-operation
  'New operation: {0}': 'Neuer Vorgang: {0}',
  'A function that a known pair of devices did not use during learning.':
    'Eine Funktion, die ein bekanntes Gerätepaar beim Lernen nicht benutzte.',
  '{0} used "{1}" on {2} for the first time ({3}).': '{0} hat „{1}“ zum ersten Mal an {2} benutzt ({3}).',
  '{0} used "{1}" on {2} for the first time.': '{0} hat „{1}“ zum ersten Mal an {2} benutzt.',
  'Only: {0} (from {1} messages).': 'Nur: {0} (aus {1} Nachrichten).',
  'Nothing learned yet (from {0} messages).': 'Noch nichts gelernt (aus {0} Nachrichten).',
  'Check whether someone worked on this device at that time. If the operation is part of normal work, accept it into the baseline.':
    'Prüfen Sie, ob zu dieser Zeit jemand an diesem Gerät gearbeitet hat. Gehört der Vorgang zur normalen Arbeit, nehmen Sie ihn in den Normalzustand auf.',

  // new-target
  'Write to something that was never written': 'Geschrieben, was nie geschrieben wurde',
  'Read of something that was never read': 'Gelesen, was nie gelesen wurde',
  'A station that reads or writes other registers, areas or nodes of a device than during learning.':
    'Eine Station, die andere Register, Bereiche oder Knoten eines Geräts liest oder schreibt als beim Lernen.',
  '{0} used "{1}" on {2} for {3}. It knows this operation, but not on this.':
    '{0} hat „{1}“ an {2} benutzt, für {3}. Den Vorgang kennt man von ihr, aber nicht hierauf.',
  'Only: {0} (from {1} messages since {2}).': 'Nur: {0} (aus {1} Nachrichten seit {2}).',
  'Find out what this register or node controls, compare its value with what it should be, and ask who worked at this station.':
    'Klären Sie, was dieses Register oder dieser Knoten steuert, vergleichen Sie den Wert mit dem, was er sein sollte, und fragen Sie, wer an dieser Station gearbeitet hat.',
  'Check whether the program of this station was changed. If it reads this from now on, accept it into the baseline.':
    'Prüfen Sie, ob das Programm dieser Station geändert wurde. Liest sie das von nun an, nehmen Sie es in den Normalzustand auf.',

  // new-writer
  'Write from a station that never wrote': 'Schreibzugriff von einer Station, die nie schrieb',
  'Control command from a station that never gave one': 'Steuerbefehl von einer Station, die nie einen gab',
  'Programming function used by a station that never did':
    'Programmierfunktion von einer Station benutzt, die das nie tat',
  'A station that writes to, controls or programs a device it never changed during learning.':
    'Eine Station, die ein Gerät beschreibt, steuert oder programmiert, an dem sie beim Lernen nie etwas änderte.',
  '{0} changed values on {1} with "{2}" ({3}). It was never seen changing anything there.':
    '{0} hat an {1} mit „{2}“ Werte geändert ({3}). Nie war zu sehen, dass sie dort etwas ändert.',
  '{0} changed values on {1} with "{2}". It was never seen changing anything there.':
    '{0} hat an {1} mit „{2}“ Werte geändert. Nie war zu sehen, dass sie dort etwas ändert.',
  '{0} gave a control command on {1} with "{2}" ({3}). It was never seen changing anything there.':
    '{0} hat an {1} mit „{2}“ einen Steuerbefehl gegeben ({3}). Nie war zu sehen, dass sie dort etwas ändert.',
  '{0} gave a control command on {1} with "{2}". It was never seen changing anything there.':
    '{0} hat an {1} mit „{2}“ einen Steuerbefehl gegeben. Nie war zu sehen, dass sie dort etwas ändert.',
  '{0} used a programming function on {1} with "{2}" ({3}). It was never seen changing anything there.':
    '{0} hat an {1} mit „{2}“ eine Programmierfunktion benutzt ({3}). Nie war zu sehen, dass sie dort etwas ändert.',
  '{0} used a programming function on {1} with "{2}". It was never seen changing anything there.':
    '{0} hat an {1} mit „{2}“ eine Programmierfunktion benutzt. Nie war zu sehen, dass sie dort etwas ändert.',
  'Nobody writes to this device.': 'Niemand schreibt in dieses Gerät.',
  'Only {0} writes to this device.': 'In dieses Gerät schreibt nur {0}.',
  'Treat this as an attack until someone confirms the change: compare the values in the process with what they should be, and ask who worked at this station.':
    'Behandeln Sie das als Angriff, bis jemand die Änderung bestätigt: Vergleichen Sie die Werte im Prozess mit dem, was sie sein sollten, und fragen Sie, wer an dieser Station gearbeitet hat.',

  // polling-changed, polling-stopped
  'Cyclic requests come at another pace': 'Zyklische Anfragen kommen in anderem Takt',
  'Cyclic requests whose period has changed.': 'Zyklische Anfragen, deren Takt sich geändert hat.',
  '{0} asks {1} for {2} every {3} seconds. It did so every {4} seconds.':
    '{0} fragt {1} alle {3} Sekunden nach {2}. Vorher tat sie es alle {4} Sekunden.',
  '{0} asks {1} every {2} seconds. It did so every {3} seconds.':
    '{0} fragt {1} alle {2} Sekunden ab. Vorher tat sie es alle {3} Sekunden.',
  'Every {0} seconds (from {1} requests).': 'Alle {0} Sekunden (aus {1} Anfragen).',
  'Every {0} seconds.': 'Alle {0} Sekunden.',
  'Ask whether the program of this station was changed. A second program at the same address, or somebody between the two, changes the pace as well.':
    'Fragen Sie, ob das Programm dieser Station geändert wurde. Auch ein zweites Programm an derselben Adresse oder jemand zwischen den beiden ändert den Takt.',
  'Cyclic requests have stopped': 'Zyklische Anfragen bleiben aus',
  'Cyclic requests of a station to a device that have ceased.':
    'Zyklische Anfragen einer Station an ein Gerät, die aufgehört haben.',
  '{0} has asked {1} nothing in {2} since {3}. It did so every {4} seconds.':
    '{0} hat {1} seit {3} nichts mehr in {2} gefragt. Vorher tat sie es alle {4} Sekunden.',
  '{0} has asked {1} nothing in {2} since {3}. It did so every {4} seconds. Nor does it ask {5} other devices.':
    '{0} hat {1} seit {3} nichts mehr in {2} gefragt. Vorher tat sie es alle {4} Sekunden. Auch {5} andere Geräte fragt sie nicht mehr.',
  'None since {0}: {1}': 'Keine seit {0}: {1}',
  'A request every {0} seconds ({1} requests were seen before).':
    'Eine Anfrage alle {0} Sekunden (vorher waren {1} Anfragen zu sehen).',
  'None since {0}.': 'Keine seit {0}.',
  'Check whether the station runs, whether its connection to the device is interrupted, and whether somebody sees this part of the plant another way.':
    'Prüfen Sie, ob die Station läuft, ob ihre Verbindung zum Gerät unterbrochen ist und ob jemand diesen Teil der Anlage auf anderem Weg sieht.',

  // unusual-hour
  'Change at an unusual hour': 'Änderung zu ungewöhnlicher Stunde',
  'Writing or control at an hour of the week at which this station never did so in two weeks or more.':
    'Schreiben oder Steuern zu einer Stunde der Woche, zu der diese Station das in zwei Wochen oder mehr nie tat.',
  '{0} used "{1}" on {2} ({3}). It has never changed anything there at this hour.':
    '{0} hat „{1}“ an {2} benutzt ({3}). Zu dieser Stunde hat sie dort nie etwas geändert.',
  'Changes in {0} hours of the week (from {1} messages).': 'Änderungen in {0} Stunden der Woche (aus {1} Nachrichten).',
  'Ask whether somebody worked at this station at that time.':
    'Fragen Sie, ob zu dieser Zeit jemand an dieser Station gearbeitet hat.',
  'Sunday, {0} to {1} UTC': 'Sonntag, {0} bis {1} UTC',
  'Monday, {0} to {1} UTC': 'Montag, {0} bis {1} UTC',
  'Tuesday, {0} to {1} UTC': 'Dienstag, {0} bis {1} UTC',
  'Wednesday, {0} to {1} UTC': 'Mittwoch, {0} bis {1} UTC',
  'Thursday, {0} to {1} UTC': 'Donnerstag, {0} bis {1} UTC',
  'Friday, {0} to {1} UTC': 'Freitag, {0} bis {1} UTC',
  'Saturday, {0} to {1} UTC': 'Samstag, {0} bis {1} UTC',

  // unusual-rate
  'Far more requests than usual': 'Weit mehr Anfragen als sonst',
  'Far more refused requests than usual': 'Weit mehr abgelehnte Anfragen als sonst',
  'Far more changes than usual': 'Weit mehr Änderungen als sonst',
  'A station that asks, changes something or is refused far more often than during learning.':
    'Eine Station, die weit öfter fragt, etwas ändert oder abgelehnt wird als beim Lernen.',
  '{0} changed something on {1} {2} times within {3} seconds. It never did so more than {4} times.':
    '{0} hat an {1} innerhalb von {3} Sekunden {2}-mal etwas geändert. Mehr als {4}-mal war es nie.',
  'Look at what was written, and ask who worked at this station: a program that repeats or replays commands wears out what it moves.':
    'Sehen Sie nach, was geschrieben wurde, und fragen Sie, wer an dieser Station gearbeitet hat: Ein Programm, das Befehle wiederholt oder nachspielt, verschleißt, was es bewegt.',
  '{0} sent {1} requests to {2} within {3} seconds. It never sent more than {4}.':
    '{0} hat innerhalb von {3} Sekunden {1} Anfragen an {2} gesendet. Mehr als {4} waren es nie.',
  '{0} refused {1} requests of {2} within {3} seconds. It never refused more than {4}.':
    '{0} hat innerhalb von {3} Sekunden {1} Anfragen von {2} abgelehnt. Mehr als {4} waren es nie.',
  'At most {0} within {1} seconds (from {2} such intervals).':
    'Höchstens {0} innerhalb von {1} Sekunden (aus {2} solchen Zeiträumen).',
  '{0} within {1} seconds.': '{0} innerhalb von {1} Sekunden.',
  'Look at what this station sends and whether the device still answers everybody in time.':
    'Sehen Sie nach, was diese Station sendet und ob das Gerät noch allen rechtzeitig antwortet.',
  'Look at what this station asks for and why the device does not know it.':
    'Sehen Sie nach, was diese Station verlangt und warum das Gerät es nicht kennt.',

  // slow-answers
  'Answers come far later than usual': 'Antworten kommen weit später als sonst',
  'A device whose answers take far longer than they ever did during learning.':
    'Ein Gerät, dessen Antworten weit länger brauchen als je beim Lernen.',
  '{0} takes {1} seconds to answer {2} ({3}). It never took longer than {4} seconds. Whoever looks at its values sees the past.':
    '{0} braucht {1} Sekunden, um {2} zu antworten ({3}). Länger als {4} Sekunden waren es nie. Wer auf seine Werte sieht, sieht die Vergangenheit.',
  'An answer within {0} seconds (from {1} intervals of ten seconds).':
    'Eine Antwort innerhalb von {0} Sekunden (aus {1} Zeiträumen von zehn Sekunden).',
  '{0} answers in a row that took up to {1} seconds.': '{0} Antworten nacheinander, die bis zu {1} Sekunden brauchten.',
  'Look at what else talks to the device, and whether somebody has come in between it and this station. Then look at the load of the device itself.':
    'Sehen Sie nach, was sonst mit dem Gerät spricht, und ob sich jemand zwischen das Gerät und diese Station gesetzt hat. Sehen Sie dann nach der Last des Geräts selbst.',

  // stacked-messages
  'Several messages in one packet': 'Mehrere Nachrichten in einem Paket',
  'More messages in one packet than two devices ever put into one during learning.':
    'Mehr Nachrichten in einem Paket, als zwei Geräte beim Lernen je in eines gelegt haben.',
  '{0} and {1} exchange up to {2} {3} messages in one packet. It was never more than {4}. Another program than the usual one may be speaking, and simple firewalls look at the first message only.':
    '{0} und {1} tauschen bis zu {2} {3}-Nachrichten in einem Paket aus. Mehr als {4} waren es nie. Vielleicht spricht ein anderes Programm als sonst, und einfache Firewalls sehen nur auf die erste Nachricht.',
  'At most {0} in a packet (from {1} intervals of ten seconds).':
    'Höchstens {0} in einem Paket (aus {1} Zeiträumen von zehn Sekunden).',
  '{0} in one packet; {1} such packets within a minute.':
    '{0} in einem Paket; {1} solche Pakete innerhalb einer Minute.',
  'Look at the messages behind the first one in the packets of this conversation, and at which program of this station made them.':
    'Sehen Sie sich in den Paketen dieser Verbindung die Nachrichten hinter der ersten an, und welches Programm dieser Station sie gemacht hat.',

  // unusual-value
  'Value beyond a limit': 'Wert jenseits einer Grenze',
  'Value outside its range': 'Wert außerhalb seines Bereichs',
  'State that was never seen': 'Zustand, der nie zu sehen war',
  'Value jumps': 'Wert springt',
  'Counter goes backwards': 'Zähler läuft rückwärts',
  'Value does not move any more': 'Wert bewegt sich nicht mehr',
  'State lasts longer than ever': 'Zustand dauert länger als je',
  'A process value beyond a limit, outside its learned range, in a new state or in one for longer than ever, that jumps, stands still, or counts backwards.':
    'Ein Prozesswert jenseits einer Grenze, außerhalb seines gelernten Bereichs, in einem neuen Zustand oder länger als je in einem, der springt, stillsteht oder rückwärts zählt.',
  '{0} of {1} is {2}, written by {3}.': '{0} von {1} ist {2}, geschrieben von {3}.',
  '{0} of {1} is {2}.': '{0} von {1} ist {2}.',
  '{0} of {1} went from {2} to {3} in one step, written by {4}.':
    '{0} von {1} ging in einem Schritt von {2} auf {3}, geschrieben von {4}.',
  '{0} of {1} went from {2} to {3} in one step.': '{0} von {1} ging in einem Schritt von {2} auf {3}.',
  '{0} of {1} went back from {2} to {3}, written by {4}.':
    '{0} von {1} ging von {2} auf {3} zurück, geschrieben von {4}.',
  '{0} of {1} went back from {2} to {3}.': '{0} von {1} ging von {2} auf {3} zurück.',
  '{0} of {1} has been {2} for more than {3} seconds, though it is read on, written by {4}.':
    '{0} von {1} ist seit mehr als {3} Sekunden {2}, obwohl es weiter gelesen wird, geschrieben von {4}.',
  '{0} of {1} has been {2} for more than {3} seconds, written by {4}.':
    '{0} von {1} ist seit mehr als {3} Sekunden {2}, geschrieben von {4}.',
  '{0} of {1} has been {2} for more than {3} seconds.': '{0} von {1} ist seit mehr als {3} Sekunden {2}.',
  '{0} of {1} has been {2} for more than {3} seconds, though it is read on.':
    '{0} von {1} ist seit mehr als {3} Sekunden {2}, obwohl es weiter gelesen wird.',
  'Not beyond {0}, as a person has set.': 'Nicht über {0} hinaus, wie ein Mensch es festgelegt hat.',
  '{0} to {1} ({2} values from {3} to {4}); judged from {5}.':
    '{0} bis {1} ({2} Werte von {3} bis {4}); beurteilt ab {5}.',
  'One of {0} ({1} values from {2} to {3}).': 'Einer von {0} ({1} Werte von {2} bis {3}).',
  'Steps of at most {0} ({1} values from {2} to {3}); judged from {4}.':
    'Schritte von höchstens {0} ({1} Werte von {2} bis {3}); beurteilt ab {4}.',
  'It only grows ({0} values from {1} to {2}).': 'Er wächst nur ({0} Werte von {1} bis {2}).',
  'This state for at most {0} seconds ({1} values from {2} to {3}).':
    'Diesen Zustand höchstens {0} Sekunden lang ({1} Werte von {2} bis {3}).',
  'A change at least every {0} seconds ({1} values from {2} to {3}).':
    'Eine Änderung mindestens alle {0} Sekunden ({1} Werte von {2} bis {3}).',
  'Compare with what the process should do now and with a second instrument on site. If it is right, accept the value into the baseline.':
    'Vergleichen Sie mit dem, was der Prozess jetzt tun sollte, und mit einem zweiten Messgerät vor Ort. Stimmt der Wert, nehmen Sie ihn in den Normalzustand auf.',

  // Scans by refused requests
  'Function code scan': 'Funktionscodes durchprobiert',
  'Address scan': 'Adressen durchprobiert',
  'Search for devices behind a gateway': 'Suche nach Geräten hinter einem Gateway',
  '{0} asked {1} for functions that the device does not have: {2} different ones refused within a minute.':
    '{0} hat von {1} Funktionen verlangt, die das Gerät nicht hat: {2} verschiedene innerhalb einer Minute abgelehnt.',
  '{0} asked {1} for addresses that the device does not have: {2} different ones refused within a minute.':
    '{0} hat von {1} Adressen verlangt, die das Gerät nicht hat: {2} verschiedene innerhalb einer Minute abgelehnt.',
  '{0} asked {1} for devices that do not exist behind the gateway: {2} different ones refused within a minute.':
    '{0} hat von {1} Geräte verlangt, die es hinter dem Gateway nicht gibt: {2} verschiedene innerhalb einer Minute abgelehnt.',
  'Normal stations ask only for what the device has.': 'Gewöhnliche Stationen verlangen nur, was das Gerät hat.',
  '{0} refused requests, {1} of them different': '{0} abgelehnte Anfragen, davon {1} verschiedene',
  'Somebody tries out what this device can do. Find the station that asks; only a vulnerability scanner or an attacker does this. Keep scanners away from controllers in operation.':
    'Jemand probiert aus, was dieses Gerät kann. Suchen Sie die Station, die fragt; nur ein Schwachstellenscanner oder ein Angreifer tut das. Halten Sie Scanner von Steuerungen im Betrieb fern.',
  'Somebody searches for the addresses behind which the process values are. If a new operator screen was installed, check its address list; if not, treat the station as compromised.':
    'Jemand sucht die Adressen, hinter denen die Prozesswerte liegen. Wurde ein neues Bedienbild eingerichtet, prüfen Sie seine Adressliste; wenn nicht, behandeln Sie die Station als übernommen.',
  'Somebody searches for devices behind this gateway. Find the station that asks and what it was used for at that time.':
    'Jemand sucht nach Geräten hinter diesem Gateway. Suchen Sie die Station, die fragt, und klären Sie, wofür sie zu dieser Zeit benutzt wurde.',

  // Scans, floods and stations that pretend to be others
  'Port scan': 'Portscan',
  '{0} tried {1} ports of {2} within a minute and found no conversation behind them, and so it did with {3} other devices.':
    '{0} hat innerhalb einer Minute {1} Ports von {2} probiert und dahinter niemanden zum Sprechen gefunden, ebenso bei {3} anderen Geräten.',
  '{0} tried {1} ports of {2} within a minute and found no conversation behind them.':
    '{0} hat innerhalb einer Minute {1} Ports von {2} probiert und dahinter niemanden zum Sprechen gefunden.',
  'TCP ports {0} of {1}': 'TCP-Ports {0} von {1}',
  'UDP ports {0} of {1}': 'UDP-Ports {0} von {1}',
  'Search for devices': 'Suche nach Geräten',
  '{0} tried {1} on {2} addresses within a minute, and none took part in a conversation.':
    '{0} hat innerhalb einer Minute {1} an {2} Adressen probiert, und keine hat sich darauf eingelassen.',
  'Addresses {0}': 'Adressen {0}',
  'Search for controllers': 'Suche nach Steuerungen',
  '{0} tried the ports of {1} different automation protocols within a minute: somebody looks for controllers, of whatever make.':
    '{0} hat innerhalb einer Minute die Ports von {1} verschiedenen Automatisierungsprotokollen probiert: Jemand sucht Steuerungen, gleich welchen Herstellers.',
  'Ports {0}': 'Ports {0}',
  'Slow scan': 'Langsamer Scan',
  '{0} tried {1} different services within a day that never answered: a scan that takes its time, or a program with an old list of devices.':
    '{0} hat innerhalb eines Tages {1} verschiedene Dienste probiert, die nie antworteten: ein Scan, der sich Zeit lässt, oder ein Programm mit einer alten Geräteliste.',
  'For example {0}': 'Zum Beispiel {0}',
  'Stations of a plant talk to the devices they were set up for.':
    'Stationen einer Anlage sprechen mit den Geräten, für die sie eingerichtet wurden.',
  'Find out what runs on {0}. A scanner of the IT department does not belong into a running plant: some controllers stop when they are scanned.':
    'Klären Sie, was auf {0} läuft. Ein Scanner der IT-Abteilung gehört nicht in eine laufende Anlage: Manche Steuerungen bleiben stehen, wenn man sie scannt.',
  'Flood of connection requests': 'Flut von Verbindungsanfragen',
  '{0} received {1} connection requests to port {2} within a second. Controllers have room for few connections and may stop answering everybody.':
    '{0} hat innerhalb einer Sekunde {1} Verbindungsanfragen an Port {2} bekommen. Steuerungen haben Platz für wenige Verbindungen und antworten dann womöglich niemandem mehr.',
  'A station redirects the traffic of another': 'Eine Station leitet den Verkehr einer anderen um',
  '{0} told {1} to send its traffic another way (ICMP redirect). In a plant network with fixed routes nobody does this; an attacker uses it to read and change messages on their way.':
    '{0} hat {1} angewiesen, den Verkehr anders zu leiten (ICMP Redirect). In einem Anlagennetz mit festen Wegen tut das niemand; ein Angreifer kann so Nachrichten unterwegs lesen und ändern.',
  'Routes are configured, not learned from messages.':
    'Wege sind eingestellt und werden nicht aus Nachrichten gelernt.',
  'Find out whether {0} is a router. If not, disconnect it and check the routes of {1}.':
    'Klären Sie, ob {0} ein Router ist. Wenn nicht, trennen Sie das Gerät vom Netz und prüfen Sie die Wege von {1}.',
  'Flood of ping messages': 'Flut von Ping-Nachrichten',
  '{0} received {1} ICMP messages within a second, the last of them from {2}.':
    '{0} hat innerhalb einer Sekunde {1} ICMP-Nachrichten bekommen, die letzte davon von {2}.',
  'Broadcast storm': 'Broadcast-Sturm',
  '{0} frames to everybody within a second: every device of the network must look at each of them, and slow controllers stop working in time. The usual cause is a loop in the cabling.':
    '{0} Nachrichten an alle innerhalb einer Sekunde: Jedes Gerät im Netz muss jede ansehen, und langsame Steuerungen werden nicht mehr rechtzeitig fertig. Die übliche Ursache ist eine Schleife in der Verkabelung.',
  'Flood of ARP requests': 'Flut von ARP-Anfragen',
  '{0} ({1}) sent {2} ARP requests within a second; each goes to every device of the network.':
    '{0} ({1}) hat innerhalb einer Sekunde {2} ARP-Anfragen gesendet; jede geht an alle Geräte im Netz.',
  'Search for devices by ARP': 'Suche nach Geräten mit ARP',
  '{0} asked for {1} addresses within ten seconds that no known device has. This is how scanners find out which addresses are in use.':
    '{0} hat innerhalb von zehn Sekunden nach {1} Adressen gefragt, die kein bekanntes Gerät hat. So finden Scanner heraus, welche Adressen belegt sind.',
  'An address changed to another network card': 'Eine Adresse ging an eine andere Netzkarte',
  '{0} belonged to the network card {1} until {2} s ago, and now {3} claims it. This is how an attacker puts himself between two devices; two devices with the same address look the same.':
    '{0} gehörte bis vor {2} s zur Netzkarte {1}, und jetzt beansprucht {3} sie. So setzt sich ein Angreifer zwischen zwei Geräte; zwei Geräte mit derselben Adresse sehen genauso aus.',
  '{0} belonged to the network card {1} and is now claimed by {2}. Either the device or its card was replaced, or somebody has taken its place.':
    '{0} gehörte zur Netzkarte {1} und wird jetzt von {2} beansprucht. Entweder wurde das Gerät oder seine Karte ersetzt, oder jemand hat seinen Platz eingenommen.',
  '{0} at {1}, the {2}. change': '{0} bei {1}, der {2}. Wechsel',
  '{0} at {1}': '{0} bei {1}',
  'Ask whether the device at {0} was replaced. If not, find the switch port of {1} and disconnect it.':
    'Fragen Sie, ob das Gerät mit der Adresse {0} ersetzt wurde. Wenn nicht, suchen Sie den Switch-Port von {1} und trennen Sie das Gerät dort.',
  'Find the switch port the messages come from and disconnect it; then check that the controllers still answer.':
    'Suchen Sie den Switch-Port, von dem die Nachrichten kommen, und trennen Sie ihn; prüfen Sie dann, ob die Steuerungen noch antworten.',
};
