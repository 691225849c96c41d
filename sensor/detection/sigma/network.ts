import { isInNetwork, type Network, parseIp, parseNetwork } from '../../model/site.js';

export { isInNetwork, type Network, parseIp } from '../../model/site.js';

/** A network in CIDR notation, or the sentence that says what is wrong with it. */
export function networkOf(text: string): Network | string {
  const network = parseNetwork(text);
  if (network === null) return `"${text}" is no network: write 10.0.0.0/8 or fd00::/8`;
  // Where the block's first address is another one, the host's bits are set: mostly a slip of the pen.
  const first = network.words.map((word, index) => {
    const bits = Math.min(32, Math.max(0, network.prefix - index * 32));
    return bits === 0 ? 0 : word & (bits === 32 ? -1 : -1 << (32 - bits));
  });
  if (first.some((word, index) => word !== network.words[index]))
    return `"${text}" has bits of a host behind its prefix: write the network's own address`;
  return network;
}

const PRIVATE = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '127.0.0.0/8',
  'fc00::/7',
  'fe80::/10',
  '::1/128',
]
  .map(parseNetwork)
  .filter((network) => network !== null);

/** Private, link-local and loopback addresses (RFC 1918, 3927, 4193, 4291). */
export function isInternal(ip: string): boolean {
  const words = parseIp(ip);
  return words !== null && PRIVATE.some((network) => isInNetwork(network, words));
}
