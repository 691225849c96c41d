/** Texts of the report in English: for the page, and for the files that are written without one. */

const n = (value: number) => value.toLocaleString('en');

export const severityEn = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
  informational: 'Info',
};

export const statusEn = { open: 'Open', acknowledged: 'Acknowledged', closed: 'Closed' };

export const reportEn = {
  title: 'Report',
  intro:
    'For management and auditors: what is there, what happened, what was done about it. Print it, or save it as PDF from the print dialogue.',
  from: 'From',
  to: 'To',
  show: 'Show',
  print: 'Print or save as PDF',
  csv: 'As CSV',
  heading: (site: string) =>
    site === '' ? 'Security of the control network' : `Security of the control network: ${site}`,
  period: (from: string, to: string) => `${from} to ${to}`,
  generated: (when: string, version: string) => `Made ${when} by Fieldwatch ${version}`,
  summary: 'In short',
  devices: 'Devices',
  devicesText: (total: number, fresh: number, unapproved: number) =>
    `${n(total)} devices, ${n(fresh)} of them new in this period, ${n(unapproved)} not approved by a person.`,
  alerts: 'Alerts',
  alertsText: (total: number, severe: number, open: number) =>
    `${n(total)} alerts, ${n(severe)} of them high or critical; ${n(open)} are still open.`,
  sight: 'Sight',
  sightText: (share: string, watched: string) => `The network was in sight for ${share} of ${watched}.`,
  sightNone: 'No traffic was watched in this period.',
  coverage: 'Coverage',
  coverageText: (detected: number, visible: number, seen: number) =>
    `${n(detected)} of ${n(visible)} visible techniques of ATT&CK for ICS are detected; ${n(seen)} were seen.`,
  notAll: 'There were so many alerts that the oldest are not in these figures.',
  bySeverity: 'By severity',
  byStatus: 'By status',
  byTitle: 'Most frequent',
  bySource: 'By source',
  worst: 'The worst alerts',
  newDevices: 'New devices',
  noneNew: 'No new device in this period.',
  byLevel: 'By level',
  byVendor: 'By vendor',
  byRole: 'By role',
  changes: 'What people did',
  noChanges: 'Nothing was changed in this period.',
  action: 'Action',
  times: 'Times',
  duties: 'Duties that these data answer',
  dutiesText: 'Only requirements for which the sensor has data. It is no certificate; it says where the data stand.',
  duty: 'Requirement',
  answer: 'What the data say',
  state: 'State',
  states: { met: 'Shown', look: 'Look at it', open: 'No data yet' } as Record<string, string>,
  sensors: 'Sensors',
  sensor: 'Sensor',
  packets: 'Packets',
  lost: 'Lost',
  unreadable: 'Unreadable',
  none: 'none',
  controls: {
    inventory: (v: readonly number[]) =>
      `Component inventory: ${n(v[0] ?? 0)} devices; vendor and model known of ${v[1] ?? 0} %, firmware of ${v[2] ?? 0} %; ${n(v[3] ?? 0)} not approved.`,
    monitoring: (v: readonly number[]) =>
      `Continuous monitoring: the network was in sight for ${v[0] ?? 0} % of the watched time.`,
    segmentation: (v: readonly number[]) =>
      `Network segmentation: ${n(v[0] ?? 0)} zones; ${n(v[1] ?? 0)} pairs of devices talk across zones.`,
    boundary: (v: readonly number[]) =>
      `Zone boundary: ${n(v[0] ?? 0)} unknown devices reach controllers or the process.`,
    users: (v: readonly number[]) =>
      `Identification of people: ${n(v[0] ?? 0)} active accounts of this console, ${n(v[1] ?? 0)} with a second factor.`,
    audit: (v: readonly number[]) =>
      `Auditable events: ${n(v[0] ?? 0)} rows, chained and checked while this report was made.`,
    handling: (v: readonly number[]) =>
      `Incident handling: ${n(v[0] ?? 0)} alerts, ${n(v[1] ?? 0)} decided on, ${n(v[2] ?? 0)} severe ones open.`,
    assets: (v: readonly number[]) =>
      `Asset management: ${n(v[1] ?? 0)} of ${n(v[0] ?? 0)} devices were approved by a person.`,
    reporting: (v: readonly number[]) =>
      `Reporting: ${n(v[0] ?? 0)} critical alerts in this period; each is to be judged for being a significant incident.`,
  },
};
