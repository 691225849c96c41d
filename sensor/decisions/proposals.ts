import { isDecided } from '../baseline/baseline-file.js';
import type {
  BaselineConversation,
  BaselineDecisions,
  BaselineProposal,
  BaselineReview,
} from '../model/baseline-document.js';

type Place = Pick<BaselineConversation, 'client' | 'server' | 'protocol' | 'port' | 'transport'>;

const isSame = (one: Place, other: Place) =>
  one.client === other.client &&
  one.server === other.server &&
  one.protocol === other.protocol &&
  one.port === other.port &&
  one.transport === other.transport;

/** Those that nobody has decided. */
export function openProposals(
  proposals: readonly BaselineProposal[],
  decisions: BaselineDecisions,
): BaselineProposal[] {
  const reviews = new Map((decisions.reviews ?? []).map((review) => [review.id, review]));
  return proposals.filter((proposal) => !isDecided(proposal, reviews));
}

/** The decisions with what a person says to these proposals. */
export function reviewed(
  decisions: BaselineDecisions,
  proposals: readonly BaselineProposal[],
  verdict: BaselineReview['verdict'],
  words: { by: string; at: string; reason: string },
): BaselineDecisions {
  const chosen = new Set(proposals.map(({ id }) => id));
  const reviews = (decisions.reviews ?? []).filter(({ id }) => !chosen.has(id));
  let { conversations } = decisions;
  for (const { id, client, server, protocol, port, transport, operation, targets, learned } of proposals) {
    const place = { client, server, protocol, port, transport };
    reviews.push({
      id,
      verdict,
      ...place,
      ...(operation === undefined ? {} : { operation }),
      ...(targets === undefined ? {} : { targets }),
      ...words,
    });
    // What was learned is normal already, and needs no more than the word.
    if (verdict === 'rejected') conversations = withoutOperation(conversations, place, operation);
    else if (learned !== true) conversations = withOperation(conversations, place, operation, targets ?? [], words);
  }
  return { ...decisions, conversations, reviews };
}

function withOperation(
  conversations: readonly BaselineConversation[],
  place: Place,
  operation: string | undefined,
  targets: readonly string[],
  { by, at, reason }: { by: string; at: string; reason: string },
): BaselineConversation[] {
  const origin = `confirmed by ${by} at ${at}: ${reason}`.slice(0, 300);
  const known = conversations.find((one) => isSame(one, place));
  const others = conversations.filter((one) => one !== known);
  const before = known ?? { ...place, origin, operations: [] };
  if (operation === undefined) return [...others, before];
  const earlier = before.operations.find((one) => one.operation === operation);
  const added = { operation, targets: [...new Set([...(earlier?.targets ?? []), ...targets])], origin };
  return [...others, { ...before, operations: [...before.operations.filter((one) => one !== earlier), added] }];
}

function withoutOperation(
  conversations: readonly BaselineConversation[],
  place: Place,
  operation: string | undefined,
): BaselineConversation[] {
  return conversations.flatMap((one) => {
    if (!isSame(one, place)) return [one];
    if (operation === undefined) return [];
    return [{ ...one, operations: one.operations.filter((known) => known.operation !== operation) }];
  });
}
