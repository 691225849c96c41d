import type { DeviationModel } from './model.js';
import { identityChanged } from './models/identity-changed/index.js';
import { newAsset } from './models/new-asset/index.js';
import { newConversation } from './models/new-conversation/index.js';
import { newOperation } from './models/new-operation/index.js';
import { newWriter } from './models/new-writer/index.js';

/** The deviation models, one line each. A novelty goes to all of them. */
export const DEVIATION_MODELS: readonly DeviationModel[] = [
  newAsset,
  identityChanged,
  newConversation,
  newOperation,
  newWriter,
];
