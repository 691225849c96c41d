/** What must not become normal without a person's word, whoever does it: RFC 1918, 3927, 4193, 4291, 6598. */

const PRIVATE_V4: readonly RegExp[] = [
  /^10\./,
  /^127\./,
  /^169\.254\./,
  /^192\.168\./,
  /^172\.(?:1[6-9]|2\d|3[01])\./,
  /^100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./,
];
const PRIVATE_V6 = /^(?:::1$|f[cd]|fe[89ab])/;
const GROUP = /^(?:22[4-9]|23\d|255)\.|^ff|\.255$/;

function isPrivate(ip: string): boolean {
  return ip.includes(':') ? PRIVATE_V6.test(ip) : PRIVATE_V4.some((pattern) => pattern.test(ip));
}

/** Multicast and broadcast: a device talks to nobody in particular. */
export function isGroup(ip: string): boolean {
  return GROUP.test(ip);
}

/**
 * Whether one end is outside. Where both ends have public addresses, the plant uses public addresses itself, and nothing
 * can be said.
 */
export function isInternet(clientIp: string, serverIp: string): boolean {
  if (GROUP.test(clientIp) || GROUP.test(serverIp)) return false;
  return isPrivate(clientIp) !== isPrivate(serverIp);
}

/** Protocols that send passwords as they are typed. */
const CLEAR_TEXT: ReadonlySet<string> = new Set(['telnet', 'ftp', 'rlogin', 'rsh', 'pop3', 'imap', 'vnc', 'tftp']);

export function isClearText(protocol: string): boolean {
  return CLEAR_TEXT.has(protocol);
}
