package dev.kelvin.api.etcd;

import java.time.Duration;

/**
 * How streams behave.
 *
 * @param progressInterval after which a watch without events says how far it is, if it was asked to
 * @param electionTimeout three of which without a leader end the streams that need one
 */
public record StreamSettings(Duration progressInterval, Duration electionTimeout) {}
