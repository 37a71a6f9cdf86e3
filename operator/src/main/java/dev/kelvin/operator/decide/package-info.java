/**
 * From what was observed to the one next step: pure, without Kubernetes, network or clock. Begin
 * reading at {@link dev.kelvin.operator.decide.Decide}.
 */
package dev.kelvin.operator.decide;
