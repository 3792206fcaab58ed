import {
  DefaultFailureConverter,
  type PayloadConverter,
  type ProtoFailure,
  type SerializationContext,
} from '@temporalio/common';

/** The words that Temporal's tools show in place of a message, in every SDK. */
const ENCODED = 'Encoded failure';

/**
 * Puts the message and the stack of a failure, and those of its causes, into a payload, so that
 * they are encrypted as all payloads are. The SDK's own option leaves the causes of an error that
 * came from Temporal as they are, and changes that error itself, so that it cannot be sent twice.
 */
class EncodedFailureConverter extends DefaultFailureConverter {
  override errorToFailure(
    error: unknown,
    payloads: PayloadConverter,
    context?: SerializationContext,
  ): ProtoFailure {
    return encodeAttributes(super.errorToFailure(error, payloads, context), payloads, context);
  }
}

function encodeAttributes(
  failure: ProtoFailure,
  payloads: PayloadConverter,
  context?: SerializationContext,
): ProtoFailure {
  const { message, stackTrace, encodedAttributes, cause } = failure;
  const isEncoded = message === ENCODED && encodedAttributes;
  return {
    ...failure,
    message: ENCODED,
    stackTrace: '',
    encodedAttributes: isEncoded
      ? encodedAttributes
      : payloads.toPayload({ message, stack_trace: stackTrace }, context),
    ...(cause && { cause: encodeAttributes(cause, payloads, context) }),
  };
}

/** The converter, by the name under which the SDK looks for it. */
export const failureConverter = new EncodedFailureConverter();
