package dev.kelvin.store;

import com.google.protobuf.MessageLite;

/** What became of a command or a read. */
public sealed interface Outcome {
  /**
   * @param response the API's response; its header carries the revision only, the door adds the
   *     rest
   */
  record Done(MessageLite response) implements Outcome {}

  /** A put without previous value, the most frequent answer, not worth a message. */
  record PutDone(long revision) implements Outcome {}

  /** A {@link LeaseCommand} took effect. */
  record DutyDone() implements Outcome {}

  /** A member change took effect (or, for a repeat, had). */
  record MemberDone(Member member, ClusterState cluster) implements Outcome {}

  /** Refused; nothing changed. */
  record Failed(StoreError error) implements Outcome {}
}
