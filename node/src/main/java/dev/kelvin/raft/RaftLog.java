package dev.kelvin.raft;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The log as the core sees it: what is persisted, in an {@link EntrySource}, followed by a tail
 * that is not known to be persisted yet. Keeps the marks {@code applied <= applying <= commit <=
 * last}.
 *
 * <p>Writes are acknowledged by the term and index of their last entry. For that to name one write,
 * no write that replaces entries is handed out while the replaced ones are still being written:
 * otherwise (index, term) could be written, replaced and written again, and the first write's
 * acknowledgement would be taken for the second's.
 */
final class RaftLog {
  /** A write that is under way. {@code mark} is the owner's, handed back when it is done. */
  private record Write(long term, long index, long mark) {}

  private record Batch(long lastIndex, long bytes) {}

  private final EntrySource source;
  private final ArrayList<Entry> tail = new ArrayList<>();
  private final ArrayDeque<Write> writes = new ArrayDeque<>();
  private final ArrayDeque<Batch> batches = new ArrayDeque<>();

  /** Index of the tail's first entry; all below it is persisted. */
  private long offset;

  /** First index not handed out to be written. */
  private long unwritten;

  /** Replaced entries are being written; nothing may be handed out until that is done. */
  private boolean held;

  private long commit;
  private long applying;
  private long applied;
  private long applyingBytes;

  /** Committed entries up to here were searched for changes of membership... */
  private long searched;

  /** ...and this is the last one found. */
  private long lastMembership;

  RaftLog(EntrySource source, long commit, long applied) {
    this.source = source;
    this.offset = source.lastIndex() + 1;
    this.unwritten = offset;
    if (applied > source.lastIndex() || applied + 1 < source.firstIndex()) {
      throw new IllegalStateException(
          "applied up to "
              + applied
              + ", but the log holds "
              + source.firstIndex()
              + " to "
              + source.lastIndex());
    }
    if (commit > source.lastIndex()) {
      throw new IllegalStateException(
          "committed up to " + commit + ", but the log ends at " + source.lastIndex());
    }
    this.commit = Math.max(commit, applied);
    this.applying = applied;
    this.applied = applied;
    this.searched = applied;
  }

  long firstIndex() {
    return source.firstIndex();
  }

  long lastIndex() {
    return offset + tail.size() - 1;
  }

  long lastTerm() {
    return term(lastIndex());
  }

  /** Everything up to here is known to be persisted. */
  long persistedIndex() {
    return offset - 1;
  }

  long commit() {
    return commit;
  }

  long applied() {
    return applied;
  }

  /**
   * Term of an entry.
   *
   * @throws CompactedException when it is gone
   */
  long term(long index) {
    if (index > lastIndex()) {
      throw new IllegalStateException("no entry " + index + " in a log up to " + lastIndex());
    }
    return index >= offset ? tail.get((int) (index - offset)).term() : source.term(index);
  }

  boolean matches(long index, long term) {
    if (index > lastIndex()) {
      return false;
    }
    try {
      return term(index) == term;
    } catch (CompactedException gone) {
      return false;
    }
  }

  /** Whether a log that ends so may lead this one (Raft paper, 5.4.1). */
  boolean upToDate(long otherLastIndex, long otherLastTerm) {
    long term = lastTerm();
    return otherLastTerm > term || (otherLastTerm == term && otherLastIndex >= lastIndex());
  }

  /**
   * Highest index at or below {@code index} whose term is at most {@code term}: above it a log of
   * that term cannot agree with this one. The fast back-up of etcd-io/raft (Raft paper, end of
   * 5.3).
   */
  long lastIndexOfTermAtMost(long index, long term) {
    long i = Math.min(index, lastIndex());
    try {
      while (i > 0 && term(i) > term) {
        i--;
      }
    } catch (CompactedException gone) {
      return i;
    }
    return i;
  }

  /** Term of an entry, 0 if it is gone. */
  long termOrZero(long index) {
    try {
      return term(index);
    } catch (CompactedException gone) {
      return 0;
    }
  }

  /**
   * Entries from {@code from} on, up to that many bytes but at least one if there is one.
   *
   * @throws CompactedException when the first one is gone
   */
  List<Entry> entries(long from, long maxBytes) {
    if (from > lastIndex()) {
      return List.of();
    }
    if (from >= offset) {
      return fromTail((int) (from - offset), maxBytes, true);
    }
    List<Entry> persisted = source.entries(from, offset, maxBytes);
    if (tail.isEmpty() || from + persisted.size() < offset) {
      return persisted;
    }
    long left = maxBytes;
    for (Entry entry : persisted) {
      left -= entry.size();
    }
    List<Entry> rest = fromTail(0, left, false);
    if (rest.isEmpty()) {
      return persisted;
    }
    var all = new ArrayList<Entry>(persisted.size() + rest.size());
    all.addAll(persisted);
    all.addAll(rest);
    return all;
  }

  private List<Entry> fromTail(int begin, long maxBytes, boolean atLeastOne) {
    long bytes = 0;
    int end = begin;
    while (end < tail.size()) {
      bytes += tail.get(end).size();
      if (bytes > maxBytes && !(atLeastOne && end == begin)) {
        break;
      }
      end++;
    }
    return end == begin ? List.of() : new ArrayList<>(tail.subList(begin, end));
  }

  /** A leader's own entry, right after the last one. */
  void append(Entry entry) {
    if (entry.index() != lastIndex() + 1 || entry.term() < lastTerm()) {
      throw new IllegalStateException(
          "entry " + entry.index() + " of term " + entry.term() + " after " + describeLast());
    }
    tail.add(entry);
  }

  /**
   * A leader's entries that follow (prevIndex, prevTerm), known to match. Entries already there are
   * left alone, from the first conflict on everything is replaced (Raft paper, 5.3).
   */
  void appendAfterMatch(List<Entry> entries) {
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      if (!matches(entry.index(), entry.term())) {
        if (entry.index() <= lastIndex()) {
          truncate(entry.index());
        }
        for (Entry added : entries.subList(i, entries.size())) {
          append(added);
        }
        return;
      }
    }
  }

  private void truncate(long from) {
    if (from <= commit) {
      throw new IllegalStateException(
          "entry " + from + " conflicts, but entries up to " + commit + " are committed");
    }
    if (!writes.isEmpty() && writes.peekLast().index() >= from) {
      held = true;
    }
    if (from >= offset) {
      tail.subList((int) (from - offset), tail.size()).clear();
    } else {
      tail.clear();
      offset = from;
    }
    unwritten = Math.min(unwritten, from);
  }

  /** Raises the commit index; never lowers it. */
  void commitTo(long index) {
    if (index <= commit) {
      return;
    }
    if (index > lastIndex()) {
      throw new IllegalStateException(
          "commit " + index + " is beyond the log's end " + lastIndex() + "; was the log damaged?");
    }
    commit = index;
  }

  /** Whether writes must wait for those under way. */
  boolean held() {
    return held;
  }

  boolean hasUnwritten() {
    return unwritten <= lastIndex();
  }

  /** Whether nothing waits to be written or is being written. */
  boolean quiet() {
    return !hasUnwritten() && writes.isEmpty();
  }

  /** Hands out the entries to be written; {@link #persisted} hands back the mark. */
  List<Entry> takeUnwritten(long mark) {
    if (held || !hasUnwritten()) {
      return List.of();
    }
    var taken = new ArrayList<>(tail.subList((int) (unwritten - offset), tail.size()));
    Entry last = taken.getLast();
    unwritten = last.index() + 1;
    writes.add(new Write(last.term(), last.index(), mark));
    return taken;
  }

  /**
   * A write that ended with that entry is durable, and so are all before it.
   *
   * @return the write's mark; -1 when no such write is under way
   */
  long persisted(long term, long index) {
    boolean known = false;
    for (Write write : writes) {
      if (write.index() == index && write.term() == term) {
        known = true;
        break;
      }
    }
    if (!known) {
      return -1;
    }
    Write write;
    do {
      write = writes.remove();
    } while (write.index() != index || write.term() != term);
    if (writes.isEmpty()) {
      held = false;
    }
    long upTo = Math.min(index, unwritten - 1);
    if (upTo >= offset) {
      tail.subList(0, (int) (upTo - offset + 1)).clear();
      offset = upTo + 1;
    }
    return write.mark();
  }

  /** Committed entries to apply next: persisted, and within the limit of bytes being applied. */
  List<Entry> takeCommitted(long maxApplyingBytes) {
    long end = Math.min(commit, persistedIndex());
    if (applying >= end || (applyingBytes > 0 && applyingBytes >= maxApplyingBytes)) {
      return List.of();
    }
    List<Entry> taken =
        source.entries(applying + 1, end + 1, Math.max(1, maxApplyingBytes - applyingBytes));
    long bytes = 0;
    for (Entry entry : taken) {
      if (entry.index() != ++applying) {
        throw new IllegalStateException("asked for entry " + applying + ", got " + entry.index());
      }
      bytes += entry.size();
      if (applying > searched) {
        note(entry);
      }
    }
    applyingBytes += bytes;
    batches.add(new Batch(applying, bytes));
    return taken;
  }

  /** Everything up to that index is applied; what is known already is ignored. */
  void appliedTo(long index) {
    if (index > applying) {
      throw new IllegalStateException(
          "applied " + index + ", but only entries up to " + applying + " were handed out");
    }
    if (index > applied) {
      applied = index;
      while (!batches.isEmpty() && batches.peek().lastIndex() <= index) {
        applyingBytes -= batches.remove().bytes();
      }
    }
  }

  /**
   * Whether a change of membership is committed and not applied: whoever stands without it may win
   * by a majority that is none any more.
   */
  boolean membershipUnapplied() {
    commitSupersededMemberships();
    while (searched < commit) {
      for (Entry entry : entries(searched + 1, 1 << 20)) {
        if (entry.index() > commit) {
          break;
        }
        note(entry);
      }
    }
    return lastMembership > applied;
  }

  /**
   * A leader proposes no change of membership before it has applied the one before. So of several
   * in a log all but the last are committed. A write that was torn may have left them without the
   * commit index that came with them.
   */
  private void commitSupersededMemberships() {
    long previous = 0;
    for (long next = commit + 1; next <= lastIndex(); ) {
      for (Entry entry : entries(next, 1 << 20)) {
        if (entry.kind() == EntryKind.MEMBERSHIP) {
          commitTo(previous);
          previous = entry.index();
        }
        next = entry.index() + 1;
      }
    }
  }

  private void note(Entry entry) {
    searched = entry.index();
    if (entry.kind() == EntryKind.MEMBERSHIP) {
      lastMembership = entry.index();
    }
  }

  /** The state machine and the persisted log were replaced by a snapshot. */
  void restore(SnapshotMeta snapshot) {
    if (!quiet() || snapshot.index() <= commit) {
      throw new IllegalStateException(
          "snapshot at " + snapshot.index() + " installed over a log committed up to " + commit);
    }
    tail.clear();
    offset = snapshot.index() + 1;
    unwritten = offset;
    commit = snapshot.index();
    applying = snapshot.index();
    applied = snapshot.index();
    searched = snapshot.index();
    applyingBytes = 0;
    batches.clear();
  }

  private String describeLast() {
    return "(" + lastIndex() + ", term " + lastTerm() + ")";
  }
}
