package dev.kelvin.store;

import dev.kelvin.proto.etcdserverpb.AlarmMember;
import dev.kelvin.proto.etcdserverpb.AlarmType;

/**
 * A trouble that stands for the whole cluster until somebody disarms it.
 *
 * @param member that has it; as whoever raised it said, not looked up
 * @param type number of an etcdserverpb.AlarmType, perhaps one that this version does not know
 */
public record Alarm(long member, int type) {
  /** The space quota was exceeded: nothing is taken that adds data. */
  public static final int NOSPACE = AlarmType.NOSPACE_VALUE;

  /** Members hold different data: nothing is changed any more. */
  public static final int CORRUPT = AlarmType.CORRUPT_VALUE;

  /** As etcd calls the type; its number if it has no name. */
  public String name() {
    var known = AlarmType.forNumber(type);
    return known == null ? Integer.toString(type) : known.name();
  }

  /** As the API tells it. */
  public AlarmMember toMember() {
    return AlarmMember.newBuilder().setMemberID(member).setAlarmValue(type).build();
  }

  /** As in the errors of etcd's status. */
  @Override
  public String toString() {
    return "memberID:" + Long.toUnsignedString(member) + " alarm:" + name();
  }
}
