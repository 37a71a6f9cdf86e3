/**
 * Tests on a real Kubernetes, one class per scenario: the images, the charts and the operator as
 * people use them, by {@code helm} and {@code kubectl}. Begin reading at {@link
 * dev.kelvin.e2e.QuickStartIT}; what they run on is {@link dev.kelvin.e2e.Kubernetes}.
 */
package dev.kelvin.e2e;
