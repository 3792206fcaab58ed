import type { ModelSignature } from '../../../../core/model-signature.js';
import type { SignatureOptions } from '../../../../engine/model/signature-options.js';
import { readModelFolder } from '../../../../engine/model/transformer/model-folder.js';
import { signatureOf } from '../../../../engine/model/transformer/signature.js';

/** Reads a sentence-transformers folder and returns the signature of its model. */
export async function readSignature(folder: string, options: SignatureOptions = {}): Promise<ModelSignature> {
  return signatureOf(await readModelFolder(folder), options);
}
