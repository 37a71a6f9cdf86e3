package dev.kelvin.raft;

import java.util.List;

/**
 * What the outside must do after a batch of inputs. All parts may be started at once, side by side;
 * the order within each part, and from one {@code Effects} to the next, must be kept.
 *
 * @param messages to be sent now; may be lost
 * @param persist to be written and synced, or null
 * @param committed entries to apply, in order; all of them are persisted here
 * @param reads linearizable reads that are decided
 * @param snapshotsTo members that need a snapshot; its {@link Message.InstallSnapshot} carries the
 *     term that {@link Raft#term} tells when these effects are taken, also if it is sent much
 *     later; the outcome is reported with {@link Raft#snapshotSent}
 * @param install snapshot whose files (delivered beside the message) replace the state machine and
 *     the log; reported with {@link Raft#snapshotInstalled}; or null. Everything in {@code persist}
 *     of this and later effects comes after it.
 */
public record Effects(
    List<Message> messages,
    Persist persist,
    List<Entry> committed,
    List<ReadState> reads,
    List<Long> snapshotsTo,
    SnapshotMeta install) {

  /**
   * What must be durable, in this order: hard state and entries in one go, then the messages.
   *
   * @param hardState null when unchanged; its commit index may name one of {@code entries} and must
   *     then not survive without it
   * @param entries to be appended; the first one's index may be at or below the log's end, in which
   *     case everything from it on is replaced
   * @param after messages that promise what was written, by this or earlier effects: sent only once
   *     all that is durable. One addressed to this member itself (a candidate's own ballot) is to
   *     be stepped back into the core instead.
   */
  public record Persist(HardState hardState, List<Entry> entries, List<Message> after) {}

  /**
   * A read's outcome.
   *
   * @param context as given to {@link Raft#readIndex}
   * @param index apply up to here, then read; -1: not confirmed, ask again with a new context
   */
  public record ReadState(long context, long index) {}

  public boolean isEmpty() {
    return messages.isEmpty()
        && persist == null
        && committed.isEmpty()
        && reads.isEmpty()
        && snapshotsTo.isEmpty()
        && install == null;
  }
}
