/** The checking client: {@code kelvin-check}. */
package dev.kelvin.checker.app;
