import { VectormillError } from '../../../core/errors.js';
import { type HubName, hubNameText } from '../../../core/model-lock.js';
import { retryAfterMs } from '../../../core/retry-after.js';

/** A model and the hub's address, as messages name them. */
export interface HubPlace {
  endpoint: string;
  repository: string;
}

/** The subject of a request to the hub, for the words of its errors. */
export interface HubRequest extends HubPlace, HubName {
  /** The variable or file that holds the token that was sent; undefined where none was. */
  tokenFrom: string | undefined;
}

/**
 * Returns the error that an answer with this status means. The hub names the reason in
 * `X-Error-Code`, and it answers 401 for a repository that is private or does not exist. Statuses
 * that pass, 429 and those from 500 on, are HUB_UNAVAILABLE. The hub's own sentences are not
 * repeated, because they may quote the request.
 */
export function hubRefusal(request: HubRequest, status: number, headers: Headers): VectormillError {
  const reason = headers.get('x-error-code');
  if (status === 408 || status === 429 || status >= 500) {
    const asked = retryAfterMs({ retryAfter: headers.get('retry-after'), retryAfterMs: null }, Date.now());
    return new HubUnavailable(request, `it answered ${status}`, asked);
  }
  if (reason === 'GatedRepo') return gated(request);
  if (reason === 'RevisionNotFound') return revisionMissing(request);
  if (status === 401 && request.tokenFrom !== undefined && reason !== 'RepoNotFound')
    return tokenRefused(request);
  if (status === 401 || status === 404) return repositoryMissing(request);
  return new VectormillError(
    'HUB_DENIED',
    `${request.endpoint} refuses ${hubNameText(request)} with status ${status}`,
    {
      component: 'model',
      remedy: `Open ${request.endpoint}/${request.repository} in a browser to see why, and check that the account of the token may read it.`,
    },
  );
}

/** The error for a hub that did not answer, or answered that it cannot now. */
export class HubUnavailable extends VectormillError {
  /** The time that the hub asked to wait, in ms. */
  readonly waitMs: number;

  constructor({ endpoint, repository }: HubPlace, reason: string, waitMs = 0) {
    super('HUB_UNAVAILABLE', `${endpoint} does not give ${repository}: ${reason}`, {
      component: 'model',
      remedy:
        'Type the command again: what was fetched is kept. Where the hub cannot be reached, set HF_ENDPOINT to a mirror, or copy the model folder here and give its path.',
    });
    this.waitMs = waitMs;
  }
}

/** Makes the error for bytes, or a description of them, other than those that were asked for. */
export function otherBytes(file: string, message: string): VectormillError {
  return new VectormillError('MODEL_CHECKSUM_MISMATCH', message, {
    component: 'model',
    file,
    remedy: 'Do not use this copy; fetch it again, or from another network.',
  });
}

function gated({ endpoint, repository, tokenFrom }: HubRequest): VectormillError {
  const asked = `ask for access at ${endpoint}/${repository}`;
  return new VectormillError(
    'HUB_DENIED',
    tokenFrom === undefined
      ? `${repository} is gated: its owners decide who may fetch it`
      : `${repository} is gated, and the account of the token in ${tokenFrom} has no access`,
    {
      component: 'model',
      remedy:
        tokenFrom === undefined
          ? `Log in and ${asked}, then set HF_TOKEN to a token of that account.`
          : `With that account, ${asked}.`,
    },
  );
}

function tokenRefused({ endpoint, tokenFrom }: HubRequest): VectormillError {
  return new VectormillError('HUB_DENIED', `${endpoint} does not accept the token in ${tokenFrom}`, {
    component: 'model',
    remedy: `Make a new token at ${endpoint}/settings/tokens, and put it there; for a public model, none is needed.`,
  });
}

function revisionMissing({ endpoint, repository, revision }: HubRequest): VectormillError {
  return new VectormillError('MODEL_NOT_FOUND', `${repository} has no revision ${revision}`, {
    component: 'model',
    remedy: `${endpoint}/${repository}/commits/main lists its commits; a branch, a tag or a whole commit follows the @.`,
  });
}

function repositoryMissing({ endpoint, repository, tokenFrom }: HubRequest): VectormillError {
  return new VectormillError(
    'MODEL_NOT_FOUND',
    `${endpoint} has no model ${repository}, or it is private${tokenFrom === undefined ? '' : ` to others than the account of the token in ${tokenFrom}`}`,
    {
      component: 'model',
      remedy:
        tokenFrom === undefined
          ? 'Check the name. For a private model, set HF_TOKEN to a token that may read it.'
          : 'Check the name, and that the token may read it.',
    },
  );
}
