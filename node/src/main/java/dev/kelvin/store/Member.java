package dev.kelvin.store;

import java.util.List;

/**
 * One member as the replicated state knows it.
 *
 * @param id given by the cluster, never 0, never used twice
 * @param name for people; empty until the member has said it
 * @param peerUrls where members reach it, as http://host:port
 * @param clientUrls where clients reach it; empty until it has said it
 * @param incarnation the data directory that claimed this identity; 0 while nobody has
 * @param format highest entry format it can apply
 */
public record Member(
    long id,
    String name,
    List<String> peerUrls,
    List<String> clientUrls,
    boolean learner,
    long incarnation,
    int format) {
  public Member {
    peerUrls = List.copyOf(peerUrls);
    clientUrls = List.copyOf(clientUrls);
  }
}
