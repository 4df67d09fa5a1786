"""What only Solana's rules know: programs, their events, curves and pools, lamports and rent. Pure: no network, no clock."""
