package dev.kelvin.operator.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A data directory: what survives a restart of the model's node. */
final class Disk {
  /** An entry of the log; a change of members carries the whole cluster as of it. */
  record Entry(long term, long write, Config config) {}

  /** A member as the cluster knows it. */
  record Peer(long id, int ordinal, boolean learner, long incarnation) {}

  /** The cluster as of one entry. */
  record Config(long cluster, List<Long> ancestors, List<Peer> members, Set<Long> removed) {
    List<Peer> voters() {
      return members.stream().filter(m -> !m.learner()).toList();
    }

    boolean hasLearner() {
      return members.stream().anyMatch(Peer::learner);
    }

    Config with(List<Peer> next) {
      return new Config(cluster, ancestors, List.copyOf(next), removed);
    }

    Config add(Peer peer) {
      List<Peer> next = new ArrayList<>(members);
      next.add(peer);
      return with(next);
    }

    Config promote(long id) {
      return with(
          members.stream()
              .map(m -> m.id() == id ? new Peer(id, m.ordinal(), false, m.incarnation()) : m)
              .toList());
    }

    Config remove(long id) {
      Set<Long> gone = new TreeSet<>(removed);
      gone.add(id);
      return new Config(
          cluster, ancestors, members.stream().filter(m -> m.id() != id).toList(), gone);
    }
  }

  long incarnation;
  long member;
  long cluster;
  boolean removed;
  long term;
  final List<Entry> log = new ArrayList<>();
  int commit;

  boolean blank() {
    return member == 0;
  }

  long lastTerm() {
    return log.isEmpty() ? 0 : log.getLast().term();
  }

  /** As of what is committed, as far as this node knows; null while it knows of none. */
  Config config() {
    for (int i = commit - 1; i >= 0; i--) {
      if (log.get(i).config() != null) {
        return log.get(i).config();
      }
    }
    return null;
  }

  boolean changePending() {
    return log.subList(commit, log.size()).stream().anyMatch(e -> e.config() != null);
  }

  void setAside(long newIncarnation) {
    incarnation = newIncarnation;
    member = 0;
    cluster = 0;
    removed = false;
    term = 0;
    log.clear();
    commit = 0;
  }
}
