import type { DeviationModel } from '../../model.js';

/** Messages that came one by one come several in one packet. */
export const stackedMessages: DeviationModel = {
  id: 'stacked-messages',
  description: 'More messages in one packet than two devices ever put into one during learning.',
  judge(novelty) {
    if (novelty.kind !== 'stack') return null;
    const { conversation, learned, observed, packets, observations } = novelty;
    const { client, server, protocol, protocolTitle } = conversation;
    return {
      title: 'Several messages in one packet',
      description: `${client.label} and ${server.label} exchange up to ${observed} ${protocolTitle} messages in one packet. It was never more than ${learned}. Another program than the usual one may be speaking, and simple firewalls look at the first message only.`,
      severity: 'medium',
      source: client,
      target: server,
      protocol,
      object: null,
      techniques: ['T0855', 'T0806'],
      expected: `At most ${learned} in a packet (from ${observations} intervals of ten seconds).`,
      observed: `${observed} in one packet; ${packets} such packets within a minute.`,
      recommendation:
        'Look at the messages behind the first one in the packets of this conversation, and at which program of this station made them.',
      key: `${client.ip} ${server.ip} ${protocol}`,
      tellsExtent: true,
    };
  },
};
