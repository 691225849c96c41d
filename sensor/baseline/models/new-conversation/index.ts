import type { DeviationModel } from '../../model.js';

/** Two devices that never talked to each other in this protocol. */
export const newConversation: DeviationModel = {
  id: 'new-conversation',
  description: 'Two devices that did not talk to each other in this protocol during learning.',
  judge(novelty) {
    if (novelty.kind !== 'conversation') return null;
    const { conversation, extent } = novelty;
    const { client, server, protocol, protocolTitle, port, transport, isIndustrial, isInternet } = conversation;
    const where = port > 0 ? `${protocolTitle} (port ${port})` : protocolTitle;
    if (isIndustrial) {
      return {
        title: `New ${protocolTitle} connection to a controller`,
        description: `${client.label} talks to ${server.label} in ${where}. This pair was never seen doing that.`,
        severity: isInternet ? 'high' : 'medium',
        source: client,
        target: server,
        protocol,
        object: null,
        techniques: isInternet ? ['T0883', 'T0869'] : ['T0869', 'T0888'],
        expected: 'No such conversation in the baseline.',
        observed: `${client.ip} → ${server.ip}, ${where}`,
        recommendation:
          'Ask the people responsible for the controller whether this station may read from it. Look at the operations of this conversation to see what it does.',
        key: `${client.ip} ${server.ip} ${protocol} ${port}`,
      };
    }
    const others = extent.length > 1 ? ` It has ${extent.length} such new connections.` : '';
    return {
      title: isInternet ? 'New connection to or from the internet' : 'New connection between two devices',
      description: `${client.label} talks to ${server.label} in ${where}. This pair was never seen doing that.${others}`,
      // Names, times and addresses belong to the story of a new device, which is told already.
      severity: isInternet ? 'medium' : conversation.withNewDevice && transport !== 'tcp' ? 'informational' : 'low',
      source: client,
      target: server,
      protocol,
      object: null,
      techniques: isInternet ? ['T0883', 'T0885'] : ['T0885'],
      expected: 'No such conversation in the baseline.',
      observed: `${client.ip} → ${extent.join(', ')}`,
      recommendation: isInternet
        ? 'Ask who needs this connection out of the plant. If nobody does, close the way at the firewall.'
        : 'Check whether these devices are meant to communicate. If so, accept it; if not, close the way between them.',
      // A station that begins to talk to many is one story.
      key: `${client.ip} ${isInternet ? 'internet' : 'plant'}`,
      tellsExtent: true,
    };
  },
};
