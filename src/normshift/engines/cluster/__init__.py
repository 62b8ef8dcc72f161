"""What every engine on Dask shares: reaching a scheduler, telling which workers are alike, having tasks done."""
