package dev.kelvin.checker;

import java.util.ArrayList;
import java.util.List;

/** Which write made which revision, if writes were carried out in a given order. */
final class ClaimedOrder {
  private final List<Request> madeBy;

  private ClaimedOrder(List<Request> madeBy) {
    this.madeBy = madeBy;
  }

  static ClaimedOrder of(List<Request> order) {
    var states = new ArrayList<KeySpace>(List.of(KeySpace.EMPTY, KeySpace.EMPTY));
    var madeBy = new ArrayList<Request>();
    for (var request : order) {
      var before = states.getLast();
      var after = before.carryOut(request, r -> states.get(Math.toIntExact(r))).after();
      if (after != before) {
        states.add(after);
        madeBy.add(request);
      }
    }
    return new ClaimedOrder(madeBy);
  }

  boolean made(int revision, Request request) {
    int place = revision - Math.toIntExact(KeySpace.EMPTY.revision()) - 1;
    return place < madeBy.size() && madeBy.get(place).equals(request);
  }
}
