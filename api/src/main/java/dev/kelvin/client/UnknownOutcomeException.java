package dev.kelvin.client;

/**
 * A write was sent and not answered: it may have been carried out, or may still be. It was not sent
 * again, as that could do it twice.
 */
public final class UnknownOutcomeException extends RuntimeException {
  private static final long serialVersionUID = 1;

  UnknownOutcomeException(Endpoint endpoint, String happened) {
    super(
        endpoint
            + " "
            + happened
            + ": the request may have been carried out; look before repeating");
  }
}
