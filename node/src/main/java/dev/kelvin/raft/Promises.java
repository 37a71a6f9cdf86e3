package dev.kelvin.raft;

/** Sends messages that must not arrive before what they say is durable. */
final class Promises {
  private final RaftLog log;
  private final DurableTerm durable;
  private final Outbox out;

  Promises(RaftLog log, DurableTerm durable, Outbox out) {
    this.log = log;
    this.durable = durable;
    this.out = out;
  }

  void send(Message message) {
    boolean kept = durable.durable();
    if (message instanceof Message.AppendResponse response && response.accepted()) {
      kept &= response.index() <= log.persistedIndex();
    }
    if (kept) {
      out.send(message);
    } else {
      out.sendAfter(message);
    }
  }
}
