package dev.kelvin.member;

import dev.kelvin.peer.PeerAddress;
import dev.kelvin.store.Member;
import dev.kelvin.store.MemberChange;
import java.util.List;

/** Addresses of members as people give them, and the member that is to be reached there. */
public final class PeerUrls {
  private PeerUrls() {}

  /** Whether there is at least one, and each is {@code http://host:port}. */
  public static boolean valid(List<String> urls) {
    try {
      for (var url : urls) {
        if (!url.startsWith("http://")) {
          return false;
        }
        PeerAddress.parse(url);
      }
      return !urls.isEmpty();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Adds a member that is yet to be started. */
  public static MemberChange add(List<String> urls, boolean learner) {
    return add(Ids.random(), urls, learner);
  }

  static MemberChange add(long id, List<String> urls, boolean learner) {
    return new MemberChange.Add(new Member(id, "", urls, List.of(), learner, 0, SelfCare.FORMAT));
  }
}
