import { type Network, parseNetwork } from '../../model/site.js';

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
