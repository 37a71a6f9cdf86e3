package dev.kelvin.client;

import java.util.Map;
import java.util.stream.Collectors;

/**
 * For as long as was to be tried, no endpoint answered, or none could serve. Nothing was changed.
 * The message names each endpoint and what happened there last.
 */
public final class NoEndpointException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * @param happened by endpoint, in the order in which they were given
   */
  NoEndpointException(Map<Endpoint, String> happened) {
    super(
        "no endpoint answered: "
            + happened.entrySet().stream()
                .map(e -> e.getKey() + " " + e.getValue())
                .collect(Collectors.joining(", ")));
  }
}
