import type { DeviationModel } from '../../model.js';

/** Two devices that never talked to each other in this protocol. */
export const newConversation: DeviationModel = {
  id: 'new-conversation',
  description: 'Two devices that did not talk to each other in this protocol during learning.',
  judge(novelty) {
    if (novelty.kind !== 'conversation') return null;
    const { client, server, protocol, protocolTitle, port, isIndustrial } = novelty.conversation;
    const where = port > 0 ? `${protocolTitle} (port ${port})` : protocolTitle;
    return {
      title: isIndustrial ? `New ${protocolTitle} connection to a controller` : 'New connection between two devices',
      description: `${client.label} talks to ${server.label} in ${where}. This pair was never seen doing that.`,
      severity: isIndustrial ? 'medium' : 'low',
      source: client,
      target: server,
      protocol,
      object: null,
      techniques: isIndustrial ? ['T0869', 'T0888'] : ['T0885'],
      expected: 'No such conversation in the baseline.',
      observed: `${client.ip} → ${server.ip}, ${where}`,
      recommendation: isIndustrial
        ? 'Ask the people responsible for the controller whether this station may read from it. Look at the operations of this conversation to see what it does.'
        : 'Check whether these two devices are meant to communicate. If so, accept it; if not, close the way between them.',
      key: `${client.ip} ${server.ip} ${protocol} ${port}`,
    };
  },
};
