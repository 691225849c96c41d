import type { reportEn, severityEn, statusEn } from './report-en.js';

/** Texte des Berichts auf Deutsch. */

const n = (value: number) => value.toLocaleString('de');

export const severityDe: typeof severityEn = {
  critical: 'Kritisch',
  high: 'Hoch',
  medium: 'Mittel',
  low: 'Niedrig',
  informational: 'Hinweis',
};

export const statusDe: typeof statusEn = { open: 'Offen', acknowledged: 'Übernommen', closed: 'Geschlossen' };

export const reportDe: typeof reportEn = {
  title: 'Bericht',
  intro:
    'Für Leitung und Prüfende: was da ist, was geschah, was dagegen getan wurde. Drucken Sie ihn, oder speichern Sie ihn im Druckdialog als PDF.',
  from: 'Von',
  to: 'Bis',
  show: 'Zeigen',
  print: 'Drucken oder als PDF speichern',
  csv: 'Als CSV',
  heading: (site) => (site === '' ? 'Sicherheit des Steuerungsnetzes' : `Sicherheit des Steuerungsnetzes: ${site}`),
  period: (from, to) => `${from} bis ${to}`,
  generated: (when, version) => `Erstellt ${when} mit Fieldwatch ${version}`,
  summary: 'Kurz gesagt',
  devices: 'Geräte',
  devicesText: (total, fresh, unapproved) =>
    `${n(total)} Geräte, davon ${n(fresh)} neu in diesem Zeitraum und ${n(unapproved)} von niemandem bestätigt.`,
  alerts: 'Alarme',
  alertsText: (total, severe, open) =>
    `${n(total)} Alarme, davon ${n(severe)} hoch oder kritisch; ${n(open)} sind noch offen.`,
  sight: 'Sicht',
  sightText: (share, watched) => `Das Netz war ${share} von ${watched} in Sicht.`,
  sightNone: 'In diesem Zeitraum wurde kein Verkehr beobachtet.',
  coverage: 'Abdeckung',
  coverageText: (detected, visible, seen) =>
    `${n(detected)} von ${n(visible)} sichtbaren Techniken aus ATT&CK for ICS werden erkannt; ${n(seen)} wurden gesehen.`,
  notAll: 'Es gab so viele Alarme, dass die ältesten in diesen Zahlen fehlen.',
  bySeverity: 'Nach Schwere',
  byStatus: 'Nach Status',
  byTitle: 'Am häufigsten',
  bySource: 'Nach Quelle',
  worst: 'Die schlimmsten Alarme',
  newDevices: 'Neue Geräte',
  noneNew: 'Kein neues Gerät in diesem Zeitraum.',
  byLevel: 'Nach Ebene',
  byVendor: 'Nach Hersteller',
  byRole: 'Nach Rolle',
  changes: 'Was Menschen getan haben',
  noChanges: 'In diesem Zeitraum wurde nichts geändert.',
  action: 'Vorgang',
  times: 'Anzahl',
  duties: 'Pflichten, auf die diese Daten antworten',
  dutiesText:
    'Nur Anforderungen, zu denen der Sensor Daten hat. Das ist kein Zertifikat; es sagt, wie die Daten stehen.',
  duty: 'Anforderung',
  answer: 'Was die Daten sagen',
  state: 'Stand',
  states: { met: 'Belegt', look: 'Ansehen', open: 'Noch keine Daten' },
  sensors: 'Sensoren',
  sensor: 'Sensor',
  packets: 'Pakete',
  lost: 'Verloren',
  unreadable: 'Unlesbar',
  none: 'keine',
  controls: {
    inventory: (v) =>
      `Verzeichnis der Komponenten: ${n(v[0] ?? 0)} Geräte; Hersteller und Modell von ${v[1] ?? 0} % bekannt, Firmware von ${v[2] ?? 0} %; ${n(v[3] ?? 0)} nicht bestätigt.`,
    monitoring: (v) => `Laufende Überwachung: Das Netz war ${v[0] ?? 0} % der beobachteten Zeit in Sicht.`,
    segmentation: (v) =>
      `Trennung des Netzes: ${n(v[0] ?? 0)} Zonen; ${n(v[1] ?? 0)} Gerätepaare sprechen über Zonen hinweg.`,
    boundary: (v) => `Zonengrenze: ${n(v[0] ?? 0)} unbekannte Geräte erreichen Steuerungen oder den Prozess.`,
    users: (v) =>
      `Identität von Menschen: ${n(v[0] ?? 0)} aktive Konten dieser Konsole, ${n(v[1] ?? 0)} mit zweitem Faktor.`,
    audit: (v) => `Prüfbare Ereignisse: ${n(v[0] ?? 0)} Zeilen, verkettet und beim Erstellen dieses Berichts geprüft.`,
    handling: (v) =>
      `Umgang mit Vorfällen: ${n(v[0] ?? 0)} Alarme, über ${n(v[1] ?? 0)} wurde entschieden, ${n(v[2] ?? 0)} ernste sind offen.`,
    assets: (v) =>
      `Verwaltung der Geräte: ${n(v[1] ?? 0)} von ${n(v[0] ?? 0)} Geräten wurden von einem Menschen bestätigt.`,
    reporting: (v) =>
      `Meldepflicht: ${n(v[0] ?? 0)} kritische Alarme in diesem Zeitraum; jeder ist daraufhin zu prüfen, ob er ein erheblicher Vorfall ist.`,
  },
};
