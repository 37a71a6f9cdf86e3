package dev.kelvin.api;

import dev.kelvin.proto.etcdserverpb.AlarmType;
import java.util.Set;

/** The alarms that are raised in the cluster, by whichever member. Answers at once. */
@FunctionalInterface
public interface Alarms {
  Set<AlarmType> raised();
}
