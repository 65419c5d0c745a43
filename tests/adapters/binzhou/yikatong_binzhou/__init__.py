"""The wire of a province that speaks forms in GBK (business.md 4.4, Binzhou's operations), as an adapter package."""
