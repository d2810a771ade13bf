"""`python -m marrowsig`, which does what `marrowsig` does."""

from marrowsig.cli import main

if __name__ == "__main__":
    main(prog_name="marrowsig")
