import type { exportersEn } from './exporters-en.js';

/** Texts of the page about export, in German. */

const n = (value: number) => value.toLocaleString('de');

export const exportersDe: typeof exportersEn = {
  exporters: {
    title: 'Export',
    intro:
      'Wohin Alarme gesendet werden und was noch wartet. Was gespeichert ist, wird gesendet, auch nach einem Ausfall.',
    none: 'Es wird nichts exportiert',
    noneText:
      'Legen Sie hier einen Exporter an oder unter export.exporters in fieldwatch.yaml. Bis dahin wird nichts zum Senden aufgehoben.',
    add: 'Exporter anlegen',
    edit: 'Ändern',
    remove: 'Entfernen',
    removeTitle: 'Diesen Exporter entfernen?',
    removeText: (name: string, waiting: number) =>
      waiting === 0
        ? `${name} bekommt keine Nachrichten mehr.`
        : `${name} bekommt keine Nachrichten mehr; ${n(waiting)} wartende werden nicht gesendet.`,
    test: 'Testnachricht senden',
    testing: 'Test läuft …',
    testOk: (id: string) => `Es hat geklappt. Suchen Sie beim Empfänger nach ${id}.`,
    testFailed: 'Es hat nicht geklappt.',
    fromFile: 'aus fieldwatch.yaml',
    target: 'Empfänger',
    format: 'Format',
    severity: 'Ab Schweregrad',
    waiting: 'Wartend',
    oldest: 'Älteste wartende',
    sent: 'Zugestellt',
    lost: 'Aufgegeben',
    lastSent: 'Zuletzt zugestellt',
    since: 'seit',
    never: 'nie',
    states: {
      connected: 'Verbunden',
      failing: 'Gestört',
      waiting: 'Wartet',
      nobody: 'Niemand stellt zu',
      off: 'Aus',
    },
    steps: {
      settings: 'Einstellungen',
      resolved: 'Name',
      connected: 'Verbindung',
      certificate: 'Zertifikat',
      written: 'Nachricht',
      answered: 'Antwort',
    },
    name: 'Name',
    nameHelp: 'Buchstaben, Ziffern, Binde- und Unterstriche.',
    type: 'Art',
    types: { syslog: 'Syslog', webhook: 'Webhook', file: 'Datei' },
    fields: {
      host: 'Name oder Adresse des Empfängers',
      port: 'Port (0: der übliche)',
      transport: 'Transport',
      header: 'Kopf',
      facility: 'Facility',
      url: 'Adresse (https)',
      body: 'Rumpf',
      token_scheme: 'Wort vor dem Token',
      path: 'Datei, als export/NAME.ndjson',
      server_name: 'Name in seinem Zertifikat, wenn er abweicht',
      format: 'Format',
      min_severity: 'Ab Schweregrad',
    },
    secrets: {
      ca: 'Wer sein Zertifikat signiert hat (PEM)',
      cert: 'Unser Zertifikat (PEM)',
      key: 'Unser privater Schlüssel (PEM)',
      keyPassword: 'Passwort des Schlüssels',
      secret: 'Geheimnis zum Signieren',
      token: 'Token',
    },
    secretKept: 'Gesetzt. Leer: bleibt so.',
    secretHelp: 'Geheimnisse werden verschlüsselt aufbewahrt und nie wieder angezeigt.',
    save: 'Speichern',
    saved: (name: string) => `${name} wurde gespeichert.`,
    removed: (name: string) => `${name} wurde entfernt.`,
    failed: 'Das konnte nicht gespeichert werden.',
    needsAdmin: 'Nur ein Administrator kann Exporter ändern oder testen.',
  },
};
