import { formatIp } from '../model/address.js';
import { isInternal, parseIp } from '../model/site.js';

/** What the inference of a zone looks at. */
export interface ZoneView {
  /** null for a device that is known by its network card only. */
  readonly ip: string | null;
  /** It has said itself, by ARP, that the address is its own: it stands in the watched network. */
  readonly isOnLink: boolean;
  /** Purdue level; null where it is not known. */
  readonly level: number | null;
}

export interface InferredZone {
  readonly zone: string;
  /** 0 to 100. */
  readonly confidence: number;
  /** One sentence for a person. */
  readonly reason: string;
}

const INTERNET = 'Internet';
const WITHOUT_IP = 'Ethernet';
/** As plants are usually divided; what masks the devices have is hardly ever said on the wire. */
const IPV4_PREFIX = 24;
const IPV6_PREFIX = 64;

/**
 * The zone that a device seems to belong to: its network, divided by the Purdue level of what it does there
 * (IEC 62443-3-2 asks for zones of devices that need the same protection). The name follows from the device alone, so
 * it is the same in every run, and does not change because another device appears.
 */
export function inferZone({ ip, isOnLink, level }: ZoneView): InferredZone {
  const group = groupOf(level);
  const named = (place: string): string => (group === null ? place : `${place} ${group}`);
  const works =
    level === null
      ? 'at which level of the Purdue model it works is not known.'
      : `it works at level ${level} of the Purdue model.`;
  const network = ip === null ? null : networkOf(ip);
  if (ip === null || network === null)
    return { zone: named(WITHOUT_IP), confidence: 30, reason: `It has no IP address; ${works}` };
  if (!isInternal(ip) && !isOnLink)
    return {
      zone: INTERNET,
      confidence: 50,
      reason: 'Its address is public, and it was never seen in this network itself.',
    };
  return { zone: named(network), confidence: 40, reason: `Its address lies in the network ${network}; ${works}` };
}

/** Field devices and controllers belong together, and so does everything above the plant. */
function groupOf(level: number | null): string | null {
  if (level === null) return null;
  if (level < 2) return 'L0-1';
  return level < 4 ? `L${Math.floor(level)}` : 'L4-5';
}

function networkOf(ip: string): string | null {
  const words = parseIp(ip);
  if (words === null) return null;
  if (ip.includes(':')) return `${formatIp(words[0], words[1], 0, 0)}/${IPV6_PREFIX}`;
  return `${formatIp(0, 0, 0xffff, words[3] & -256)}/${IPV4_PREFIX}`;
}
