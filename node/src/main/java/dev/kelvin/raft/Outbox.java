package dev.kelvin.raft;

import java.util.ArrayList;
import java.util.List;

/** Collects what the next {@link Effects} will carry. */
final class Outbox {
  private List<Message> messages = List.of();
  private List<Message> after = List.of();
  private List<Effects.ReadState> reads = List.of();
  private List<Long> snapshots = List.of();

  /** To be sent at once. */
  void send(Message message) {
    if (messages.isEmpty()) {
      messages = new ArrayList<>();
    }
    messages.add(message);
  }

  /** To be sent when everything handed out to be persisted so far, or with it, is durable. */
  void sendAfter(Message message) {
    if (after.isEmpty()) {
      after = new ArrayList<>();
    }
    after.add(message);
  }

  void read(long context, long index) {
    if (reads.isEmpty()) {
      reads = new ArrayList<>();
    }
    reads.add(new Effects.ReadState(context, index));
  }

  void snapshot(long to) {
    if (snapshots.isEmpty()) {
      snapshots = new ArrayList<>();
    }
    snapshots.add(to);
  }

  boolean hasAfter() {
    return !after.isEmpty();
  }

  /** Nothing is being written, so what waited for a write can go. */
  void releaseAfter() {
    for (Message message : takeAfter()) {
      send(message);
    }
  }

  List<Message> takeMessages() {
    var taken = messages;
    messages = List.of();
    return taken;
  }

  List<Message> takeAfter() {
    var taken = after;
    after = List.of();
    return taken;
  }

  List<Effects.ReadState> takeReads() {
    var taken = reads;
    reads = List.of();
    return taken;
  }

  List<Long> takeSnapshots() {
    var taken = snapshots;
    snapshots = List.of();
    return taken;
  }
}
