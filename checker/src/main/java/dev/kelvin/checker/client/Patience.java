package dev.kelvin.checker.client;

import java.time.Duration;

/**
 * How long clients wait.
 *
 * @param once for the answer to one try
 * @param all trying the same request again
 */
public record Patience(Duration once, Duration all) {}
