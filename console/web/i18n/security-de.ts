import type { securityEn } from './security-en.js';

/** Texte zum Anmelden bei einem Dienst und zum zweiten Faktor; Teil von `de.ts`. */

export const securityDe: typeof securityEn = {
  service: {
    or: 'oder',
    signIn: (name: string) => `Mit ${name} anmelden`,
    again: (name: string) => `Erneut mit ${name} anmelden`,
    againText: (name: string) =>
      `Das ändert, wer was darf oder was gemeldet wird. Weisen Sie sich noch einmal bei ${name} aus und wiederholen Sie es dann.`,
    gone: 'Sie haben sich bei einem Anmeldedienst angemeldet, den diese Konsole nicht mehr hat; sie kann dort nicht noch einmal fragen. Melden Sie sich dafür mit einem Konto der Konsole an.',
    external: 'Anmeldedienst',
    externalText: (name: string) =>
      `Sie melden sich mit ${name} an. Passwort, zweiter Faktor und Ihre Rechte werden dort verwaltet.`,
    local: 'Diese Konsole',
    kind: 'Meldet sich an bei',
    problems: {
      unreachable:
        'Der Anmeldedienst antwortet nicht. Versuchen Sie es noch einmal oder nehmen Sie ein Konto dieser Konsole.',
      expired: 'Das Anmelden dauerte zu lange oder begann in einem anderen Fenster. Bitte beginnen Sie von vorn.',
      denied: 'Der Anmeldedienst hat Sie nicht eingelassen.',
      refused: 'Der Antwort des Anmeldedienstes war nicht zu trauen. Das Protokoll der Konsole nennt den Grund.',
      no_role:
        'Man kennt Sie, aber keine Ihrer Gruppen darf diese Konsole benutzen. Fragen Sie, wer die Gruppen verwaltet.',
      no_name: 'Der Anmeldedienst nennt keinen Namen, den diese Konsole verwenden kann. Fragen Sie, wer ihn verwaltet.',
      name_taken:
        'Ein Konto dieser Konsole heißt schon wie Sie. Eines der beiden braucht einen anderen Namen: Fragen Sie einen Administrator.',
      disabled: 'Ihr Konto ist hier gesperrt. Fragen Sie einen Administrator.',
      last_admin:
        'Sie wären der letzte Administrator, der diese Rolle hier verliert. Machen Sie zuerst jemand anderen dazu.',
    },
  },
  tokenScope: {
    title: 'Beschränkt auf',
    hint: 'Nichts gewählt: alles, was seine Rolle darf.',
    all: 'alles, was seine Rolle darf',
    names: {
      alerts: 'Alarme',
      assets: 'Geräte',
      network: 'Verbindungen und Karte',
      process: 'Prozesswerte',
      baseline: 'Normalzustand',
      rules: 'Regeln',
      captures: 'Mitschnitte',
      reports: 'Berichte',
      health: 'Zustand und Metriken',
      export: 'Export',
      accounts: 'Konten',
      audit: 'Prüfprotokoll',
    },
  },
  sight: {
    title: 'Was nicht zu sehen war',
    nothing: 'Soweit der Sensor es sagen kann, hat er alles gesehen, was hier ankam.',
    mirror: 'Was der Spiegelport selbst auslässt, erreicht keinen Zähler. Sein Switch kann es sagen.',
    lost: 'Vor dem Lesen verloren',
    lostText: 'Pakete, die ankamen, während diese Maschine zu beschäftigt war. Alarme dazu fehlen.',
    unknownLoss: 'An mindestens einer Schnittstelle kann die Aufzeichnung Verluste nicht zählen.',
    unreadable: 'Unlesbare Pakete',
    unreadableText: 'Beschädigt, abgeschnitten oder von einer Art, die der Sensor nicht kennt.',
    malformed: 'Fehlerhafte Nachrichten',
    malformedText:
      'Nachrichten eines bekannten Protokolls, die dessen Regeln brechen: ein fehlerhaftes Gerät oder jemand, der etwas versucht.',
    encrypted: 'Verschlüsselt',
    encryptedText: 'Zu sehen ist, wer mit wem spricht, aber nicht, was gesagt wird.',
    letGo: 'An einer Grenze verworfen',
    letGoText:
      'Der Speicher ist begrenzt: Jenseits einer Grenze wird das Älteste oder Unwichtigste verworfen und hier gezählt.',
    blind: 'Zeit ohne Sicht',
    blindText: 'Das Kabel war gezogen, die Aufzeichnung wurde neu gestartet, oder der Sensor lief nicht.',
    packets: 'Alles, was ankam, seit der Sensor gestartet wurde.',
    bytes: 'Dasselbe, nach Größe.',
    flows: 'Verbindungen, die jetzt offen sind.',
    memory: 'Was der Sensor jetzt belegt. Es pendelt sich ein; über Tage wachsen darf es nicht.',
  },
  healthMore: {
    queue: 'Nachrichten an das SIEM',
    queueNone: 'Nichts wird exportiert.',
    queueText: 'Ein Alarm wartet hier, bis sein Empfänger ihn hat, auch über einen Ausfall hinweg.',
    receiver: 'Empfänger',
    state: 'Stand',
    waiting: 'Wartend',
    oldest: 'Älteste',
    lost: 'Aufgegeben',
    disk: 'Platz auf dem Datenträger',
    diskText: (free: string, total: string) => `${free} von ${total} frei`,
    diskLow: 'Es ist wenig Platz: Wenn der Datenträger voll ist, können neue Alarme nicht aufgehoben werden.',
    report: 'Berichte',
  },
  factor: {
    scan: 'Scannen Sie dies mit einer Authentifizierungs-App (zeitbasierte Codes) und geben Sie dann den Code ein, den sie zeigt.',
    picture: 'QR-Code des Schlüssels',
    byHand: 'Oder tippen Sie den Schlüssel ein:',
    recoveryLeft: (left: number) => (left === 1 ? 'Ein Ersatzcode ist übrig.' : `${left} Ersatzcodes sind übrig.`),
    recoveryFew: 'Nehmen Sie den zweiten Faktor weg und richten Sie ihn neu ein, um acht neue zu bekommen.',
    save: 'Als Textdatei sichern',
    saveTitle: (name: string) => `Ersatzcodes von Fieldwatch für ${name}. Jeder gilt einmal.`,
  },
};
