/** What a capture process says on standard error: tcpdump's own words, which `cap-child` speaks too. */
export type CaptureMessage =
  | { kind: 'listening' }
  | { kind: 'statistics'; droppedByKernel: number | null; droppedByInterface: number | null; received: number | null }
  | { kind: 'other'; text: string };

export type FailureKind = 'permission' | 'filter' | 'no_such_interface' | 'link_down' | 'not_installed' | 'other';

/** Longest line that is kept for a message to a person. */
const MAX_LINE = 400;

function count(line: string, what: string): number | null {
  const match = new RegExp(`(\\d{1,15}) packets? ${what}`).exec(line);
  return match ? Number(match[1]) : null;
}

export function parseCaptureMessage(line: string): CaptureMessage {
  if (/\blistening on\b/.test(line)) return { kind: 'listening' };
  const droppedByKernel = count(line, 'dropped by kernel');
  const droppedByInterface = count(line, 'dropped by interface');
  const received = count(line, 'received by filter');
  if (droppedByKernel !== null || droppedByInterface !== null || received !== null)
    return { kind: 'statistics', droppedByKernel, droppedByInterface, received };
  if (/^\d+ packets? captured|packets? captured,/.test(line))
    return { kind: 'statistics', droppedByKernel: null, droppedByInterface: null, received: null };
  return { kind: 'other', text: line.slice(0, MAX_LINE).trim() };
}

/** Sorts the last words of a capture process that ended by what a person can do about it. */
export function classifyFailure(text: string): FailureKind {
  if (/permission|not permitted|EPERM|EACCES/i.test(text)) return 'permission';
  if (/filter expression|syntax error|expression rejects|unknown host|unknown network|unknown port/i.test(text))
    return 'filter';
  if (/No such device|interface disappeared|doesn't exist/i.test(text)) return 'no_such_interface';
  if (/not up|went down|network is down/i.test(text)) return 'link_down';
  if (/ENOENT|not found|not installed/i.test(text)) return 'not_installed';
  return 'other';
}

/** One sentence for a person: what is wrong, where, and what to do. */
export function explainFailure(kind: FailureKind, source: string, name: string, text: string): string {
  switch (kind) {
    case 'permission':
      return `capturing on ${name} is not permitted: run fieldwatch as a service with AmbientCapabilities=CAP_NET_RAW, or with sudo (docs/live-capture.md)`;
    case 'filter':
      return `the capture filter is not valid (${text.replace(/^tcpdump: /, '')}): see pcap-filter(7) for its syntax`;
    case 'no_such_interface':
      return `the interface ${name} does not exist`;
    case 'link_down':
      return `the interface ${name} is down: bring it up with "ip link set ${name} up"`;
    case 'not_installed':
      return source === 'cap'
        ? `the cap package is not installed, so --source cap cannot capture on ${name}: install libpcap-dev and a C++ compiler and run npm install again, or use --source tcpdump`
        : `tcpdump is not installed, and capturing on ${name} needs it: install it with "apt install tcpdump" or your distribution's tool`;
    case 'other':
      return `capturing on ${name} failed: ${text === '' ? 'the capture process ended without a word' : text}`;
  }
}
