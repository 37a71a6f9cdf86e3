package dev.kelvin.chaos;

import dev.kelvin.process.NodeProcess.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Nodes beside each other on loopback, where nothing can come between them. */
final class Loopback implements Links {
  private final List<Place> places = new ArrayList<>();

  Loopback(int nodes) {
    try {
      for (int i = 0; i < nodes; i++) {
        places.add(Place.onLoopback());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Place place(int node) {
    return places.get(node);
  }

  @Override
  public boolean canBeCut() {
    return false;
  }

  @Override
  public void cut(int from, int to) {
    throw new UnsupportedOperationException("loopback has no links to cut");
  }

  @Override
  public void slow(int from, int to, int kbits) {
    throw new UnsupportedOperationException("loopback has no links to slow");
  }

  @Override
  public void mend(int from, int to) {
    throw new UnsupportedOperationException("loopback has no links to mend");
  }

  @Override
  public void close() {
    // Nothing was made.
  }
}
