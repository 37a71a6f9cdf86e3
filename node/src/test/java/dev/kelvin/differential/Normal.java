package dev.kelvin.differential;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.kelvin.proto.etcdserverpb.LeaseTimeToLiveResponse;
import dev.kelvin.proto.etcdserverpb.Member;
import dev.kelvin.proto.etcdserverpb.MemberAddResponse;
import dev.kelvin.proto.etcdserverpb.MemberListResponse;
import dev.kelvin.proto.etcdserverpb.MemberUpdateResponse;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Answers as they can be compared: IDs and addresses replaced by what they stand for, and a 1 for
 * everything other than 0 that is each server's own.
 */
final class Normal {
  /** Full names of fields of which only matters whether they are 0. */
  private static final Set<String> OWN =
      Set.of(
          "etcdserverpb.ResponseHeader.raft_term",
          "etcdserverpb.StatusResponse.raftTerm",
          "etcdserverpb.StatusResponse.raftIndex",
          "etcdserverpb.StatusResponse.raftAppliedIndex",
          "etcdserverpb.StatusResponse.dbSize",
          "etcdserverpb.StatusResponse.dbSizeInUse");

  /** Digits as many as IDs have. */
  private static final Pattern ID = Pattern.compile("\\d{15,20}");

  private Normal() {}

  static Message of(Server server, Message said) {
    var answer =
        switch (said) {
          case MemberListResponse list ->
              list.toBuilder()
                  .clearMembers()
                  .addAllMembers(order(server, list.getMembersList()))
                  .build();
          case MemberAddResponse added ->
              added.toBuilder()
                  .clearMembers()
                  .addAllMembers(order(server, added.getMembersList()))
                  .build();
          case MemberUpdateResponse updated ->
              updated.toBuilder()
                  .clearMembers()
                  .addAllMembers(order(server, updated.getMembersList()))
                  .build();
          default -> said;
        };
    var builder = answer.toBuilder();
    answer
        .getAllFields()
        .forEach(
            (field, value) -> {
              if (field.isRepeated()) {
                for (int i = 0; i < answer.getRepeatedFieldCount(field); i++) {
                  builder.setRepeatedField(
                      field, i, of(server, field, answer.getRepeatedField(field, i)));
                }
              } else {
                builder.setField(field, of(server, field, value));
              }
            });
    return builder.build();
  }

  /**
   * The position of members is that of their IDs, which are each server's own: put in the order of
   * what they stand for. A list in another order is left as it is, and so will differ.
   */
  private static List<Member> order(Server server, List<Member> members) {
    boolean rising = true;
    for (int i = 1; i < members.size(); i++) {
      rising &= Long.compareUnsigned(members.get(i - 1).getID(), members.get(i).getID()) < 0;
    }
    return rising
        ? members.stream()
            .sorted(Comparator.comparing(m -> server.meanings.getOrDefault(m.getID(), 0L)))
            .toList()
        : members;
  }

  private static Object of(Server server, FieldDescriptor field, Object value) {
    boolean own = OWN.contains(field.getFullName());
    return switch (field.getJavaType()) {
      case MESSAGE -> of(server, (Message) value);
      case LONG -> own ? (Object) 1L : server.meanings.getOrDefault((Long) value, (Long) value);
      case STRING ->
          server.addresses.containsKey((String) value)
              ? server.addresses.get((String) value)
              : text(server, (String) value);
      default -> value;
    };
  }

  /** Text with words for IDs; etcd puts one or two spaces between words, by chance. */
  private static String text(Server server, String text) {
    return ID.matcher(text)
        .replaceAll(
            id -> {
              long number = Long.parseUnsignedLong(id.group());
              return Symbols.word(server.meanings.getOrDefault(number, number));
            })
        .replaceAll(" +", " ")
        .strip();
  }

  /** Seconds left pass while two servers are asked: up to one more or less is the same. */
  static Message sameTime(Message etcd, Message kelvin) {
    return etcd instanceof LeaseTimeToLiveResponse a
            && kelvin instanceof LeaseTimeToLiveResponse b
            && a.getTTL() >= 0
            && b.getTTL() >= 0
            && Math.abs(a.getTTL() - b.getTTL()) <= 1
        ? b.toBuilder().setTTL(a.getTTL()).build()
        : kelvin;
  }
}
