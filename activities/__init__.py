"""What conversations ask of the world, one module for each part of it."""
