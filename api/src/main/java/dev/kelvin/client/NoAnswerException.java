package dev.kelvin.client;

import java.io.IOException;

/**
 * A connection brought no answer. The message goes on from an endpoint: "refused the connection".
 */
final class NoAnswerException extends IOException {
  private static final long serialVersionUID = 1;

  private final boolean notCarriedOut;

  /**
   * @param notCarriedOut whether the request certainly was not and will not be
   */
  NoAnswerException(String happened, boolean notCarriedOut, Throwable cause) {
    super(happened, cause);
    this.notCarriedOut = notCarriedOut;
  }

  boolean notCarriedOut() {
    return notCarriedOut;
  }
}
