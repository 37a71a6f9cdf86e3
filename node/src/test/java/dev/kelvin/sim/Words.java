package dev.kelvin.sim;

import dev.kelvin.peer.PeerMessage;
import dev.kelvin.raft.Message;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Says messages in few words, for traces. */
final class Words {
  private Words() {}

  static String of(PeerMessage message) {
    return switch (message) {
      case PeerMessage.Consensus(var consensus) -> of(consensus) + " term " + consensus.term();
      case PeerMessage.Forward m ->
          "forward " + Arrays.toString(m.requests()) + " term " + m.term();
      case PeerMessage.ForwardRefused m ->
          "refuse " + Arrays.toString(m.requests()) + " " + m.reason();
    };
  }

  private static String of(Message message) {
    return switch (message) {
      case Message.VoteRequest m ->
          (m.preVote() ? "pre-vote? " : "vote? ")
              + at(m.lastIndex(), m.lastTerm())
              + (m.transfer() ? " transfer" : "");
      case Message.VoteResponse m ->
          (m.preVote() ? "pre-vote " : "vote ") + (m.granted() ? "granted" : "refused");
      case Message.AppendRequest m ->
          "append after "
              + at(m.prevIndex(), m.prevTerm())
              + " terms "
              + m.entries().stream()
                  .map(entry -> Long.toString(entry.term()))
                  .collect(Collectors.joining(",", "[", "]"))
              + " commit "
              + m.commit();
      case Message.AppendResponse m ->
          m.accepted()
              ? "appended to " + m.index()
              : "no match at " + m.index() + ", try " + at(m.hintIndex(), m.hintTerm());
      case Message.Heartbeat m -> "heartbeat commit " + m.commit() + round(m.round());
      case Message.HeartbeatResponse m -> "heartbeat answer" + round(m.round());
      case Message.InstallSnapshot m -> "snapshot " + at(m.snapshot().index(), m.snapshot().term());
      case Message.ReadIndexRequest m -> "read? " + Long.toHexString(m.context());
      case Message.ReadIndexResponse m ->
          "read " + Long.toHexString(m.context()) + " at " + m.index();
      case Message.TimeoutNow m -> "campaign now";
    };
  }

  private static String round(long round) {
    return round == 0 ? "" : " round " + round;
  }

  private static String at(long index, long term) {
    return index + "/" + term;
  }
}
