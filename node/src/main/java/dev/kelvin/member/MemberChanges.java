package dev.kelvin.member;

import dev.kelvin.store.Member;
import dev.kelvin.store.MemberChange;
import java.util.List;
import java.util.function.Consumer;

/**
 * Changes of the cluster's members, from any node: the leader checks and proposes them, another
 * node passes them on to it. Calls return at once; answers come exactly once, on any thread.
 */
public interface MemberChanges {
  /** Receives what became of a change. */
  interface Answer {
    /**
     * @param member the one that was changed, as it is now (or was, if removed)
     * @param members all of them after the change
     */
    void done(Member member, List<Member> members);

    void refused(Refusal refusal);
  }

  /** Carries a change out, if the members that live allow it. */
  void change(MemberChange change, Answer answer);

  /**
   * Hands leadership to a voter; done when it leads.
   *
   * @param to 0 for the voter that is best suited
   * @param answer gets null when it is done
   */
  void transfer(long to, Consumer<Refusal> answer);
}
