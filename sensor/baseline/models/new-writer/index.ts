import { isIntrusive } from '../../../model/operation.js';
import type { DeviationModel } from '../../model.js';
import { youthText } from '../../youth.js';

const ACTIONS = {
  write: ['changed values', 'Write from a station that never wrote'],
  control: ['gave a control command', 'Control command from a station that never gave one'],
  program: ['used a programming function', 'Programming function used by a station that never did'],
} as const;

/** A client that only read, or was not known at all, begins to change things. */
export const newWriter: DeviationModel = {
  id: 'new-writer',
  description: 'A station that writes to, controls or programs a device it never changed during learning.',
  judge(novelty) {
    if (novelty.kind !== 'operation') return null;
    const { conversation, operation, object, extent } = novelty;
    if (!isIntrusive(operation.class) || conversation.hasLearnedWriter) return null;
    const { client, server, protocol, learnedWriters } = conversation;
    // A panel that was watched for minutes while nobody touched it will be touched one day.
    const isRoutine = conversation.isYoung && operation.class === 'write';
    const [action, title] = ACTIONS[operation.class as keyof typeof ACTIONS];
    return {
      title,
      description: `${client.label} ${action} on ${server.label} with "${operation.title}"${object === null ? '' : ` (${object})`}. It was never seen changing anything there.${isRoutine ? youthText(conversation) : ''}`,
      severity: isRoutine ? 'informational' : operation.class === 'write' ? 'high' : 'critical',
      source: client,
      target: server,
      protocol,
      object: extent.length > 1 ? `${extent.length} kinds of operations` : object,
      techniques: operation.class === 'write' ? ['T0855', 'T0836'] : ['T0855'],
      expected:
        learnedWriters.length === 0
          ? 'Nobody writes to this device.'
          : `Only ${learnedWriters.join(', ')} writes to this device.`,
      observed: `From ${client.ip}: ${extent.join('; ')}`,
      recommendation:
        'Treat this as an attack until someone confirms the change: compare the values in the process with what they should be, and ask who worked at this station.',
      key: `${client.ip} ${server.ip} ${protocol} ${operation.class}`,
      tellsExtent: true,
    };
  },
};
