import type { securityEn } from './security-en.js';

/** Texte zum Anmelden bei einem Dienst und zum zweiten Faktor; Teil von `de.ts`. */

export const securityDe: typeof securityEn = {
  service: {
    or: 'oder',
    signIn: (name: string) => `Mit ${name} anmelden`,
    again: (name: string) => `Erneut mit ${name} anmelden`,
    againText: (name: string) =>
      `Das ändert, wer was darf oder was gemeldet wird. Weisen Sie sich noch einmal bei ${name} aus und wiederholen Sie es dann.`,
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
      audit: 'Audit-Protokoll',
    },
  },
  factor: {
    scan: 'Fotografieren Sie dies mit einer Authentifizierungs-App (zeitbasierte Codes) ab und geben Sie dann den Code ein, den sie zeigt.',
    picture: 'QR-Code des Schlüssels',
    byHand: 'Oder tippen Sie den Schlüssel ein:',
    recoveryLeft: (left: number) => (left === 1 ? 'Ein Ersatzcode ist übrig.' : `${left} Ersatzcodes sind übrig.`),
    recoveryFew: 'Nehmen Sie den zweiten Faktor weg und richten Sie ihn neu ein, um acht neue zu bekommen.',
    save: 'Als Textdatei sichern',
    saveTitle: (name: string) => `Ersatzcodes von Fieldwatch für ${name}. Jeder gilt einmal.`,
  },
};
