package dev.kelvin.raft;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/** Words for what golden scripts show. A position in the log is written index/term. */
final class Describe {
  private Describe() {}

  static String message(Message message) {
    return message.from() + "->" + message.to() + " " + body(message);
  }

  private static String body(Message message) {
    return switch (message) {
      case Message.VoteRequest m ->
          (m.preVote() ? "PreVoteRequest" : "VoteRequest")
              + " term="
              + m.term()
              + " last="
              + m.lastIndex()
              + "/"
              + m.lastTerm()
              + (m.transfer() ? " transfer" : "");
      case Message.VoteResponse m ->
          (m.preVote() ? "PreVoteResponse" : "VoteResponse")
              + " term="
              + m.term()
              + (m.granted() ? " granted" : " refused");
      case Message.AppendRequest m ->
          "AppendRequest term="
              + m.term()
              + " prev="
              + m.prevIndex()
              + "/"
              + m.prevTerm()
              + " commit="
              + m.commit()
              + " "
              + entries(m.entries());
      case Message.AppendResponse m ->
          "AppendResponse term="
              + m.term()
              + (m.accepted()
                  ? " accepted=" + m.index()
                  : " refused=" + m.index() + " hint=" + m.hintIndex() + "/" + m.hintTerm());
      case Message.Heartbeat m ->
          "Heartbeat term=" + m.term() + " commit=" + m.commit() + round(m.round());
      case Message.HeartbeatResponse m -> "HeartbeatResponse term=" + m.term() + round(m.round());
      case Message.InstallSnapshot m ->
          "InstallSnapshot term=" + m.term() + " " + snapshot(m.snapshot());
      case Message.ReadIndexRequest m -> "ReadIndexRequest context=" + m.context();
      case Message.ReadIndexResponse m ->
          "ReadIndexResponse context=" + m.context() + " index=" + m.index();
      case Message.TimeoutNow m -> "TimeoutNow term=" + m.term();
    };
  }

  private static String round(long round) {
    return round == 0 ? "" : " round=" + round;
  }

  static String snapshot(SnapshotMeta meta) {
    return "at " + meta.index() + "/" + meta.term() + " " + members(meta.membership());
  }

  static String members(Membership membership) {
    return "voters="
        + membership.voters()
        + (membership.learners().isEmpty() ? "" : " learners=" + membership.learners());
  }

  static String entries(List<Entry> entries) {
    return entries.stream().map(Describe::entry).collect(Collectors.joining(", ", "[", "]"));
  }

  static String entry(Entry entry) {
    String text = new String(entry.data(), StandardCharsets.UTF_8);
    return entry.index()
        + "/"
        + entry.term()
        + switch (entry.kind()) {
          case NOOP -> " noop";
          case COMMAND -> " '" + text + "'";
          case MEMBERSHIP -> " membership '" + text + "'";
        };
  }

  static String hardState(HardState state) {
    return "term=" + state.term() + " vote=" + state.vote() + " commit=" + state.commit();
  }

  static String status(RaftStatus status) {
    var text = new StringBuilder();
    text.append(status.member())
        .append(": ")
        .append(status.role())
        .append(" term=")
        .append(status.term())
        .append(" leader=")
        .append(status.leader())
        .append(" commit=")
        .append(status.commit())
        .append(" applied=")
        .append(status.applied())
        .append(" log=")
        .append(status.firstIndex())
        .append("..")
        .append(status.lastIndex())
        .append(" ")
        .append(members(status.membership()));
    if (status.transferTarget() != 0) {
      text.append(" transfer-to=").append(status.transferTarget());
    }
    for (RaftStatus.Peer peer : status.peers()) {
      text.append("\n  ")
          .append(peer.member())
          .append(": ")
          .append(peer.state())
          .append(" match=")
          .append(peer.match())
          .append(" next=")
          .append(peer.next())
          .append(peer.learner() ? " learner" : "")
          .append(peer.active() ? "" : " inactive");
    }
    return text.toString();
  }
}
